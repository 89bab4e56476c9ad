import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram, programVersion } from '../../linux/programs.ts'
import { BENCH_ZONE, FOLLOWER_TTL_SECONDS, hosts, PRIMARY, SPARE } from '../bench-zone.ts'
import type { DnsSystem } from '../system.ts'

export const gdnsd: DnsSystem = {
  name: 'gdnsd',
  setup: '1 thread for UDP; a change is its state file (extfile, direct) replaced, and simplefo answers with the spare',
  install: 'apt-get install gdnsd',
  // It looks at the file when that has been quiet for a while: some two seconds each.
  changesShare: 0.25,
  async find() {
    const program = await findProgram('gdnsd')
    if (program === undefined) return undefined
    return {
      version: await programVersion(program, 'version'),
      launch: ({ folder, port }) => ({
        files: { config: config(folder, port), [`zones/${BENCH_ZONE}`]: zoneFile(), health: health(true) },
        program,
        arguments: ['-c', folder, 'start'],
      }),
      async change(_child, { folder }, address) {
        await writeFile(join(folder, 'health.new'), health(address === PRIMARY))
        await rename(join(folder, 'health.new'), join(folder, 'health'))
      },
    }
  },
}

function config(folder: string, port: number): string {
  return `
options => {
  listen => [ 127.0.0.1:${port} ],
  run_dir => ${folder}/run,
  state_dir => ${folder}/state,
  udp_threads => 1,
  tcp_threads => 1
}
service_types => {
  bench => { plugin => extfile, file => ${folder}/health, direct => true }
}
plugins => {
  extfile => {},
  simplefo => {
    www => { service_types => bench, primary => ${PRIMARY}, secondary => ${SPARE} }
  }
}
`
}

function zoneFile(): string {
  const records = hosts().map(({ name, address }) => `${name}. 300 A ${address}`)
  return [
    '@ 3600 SOA ns1 hostmaster 1 7200 1800 259200 60',
    '@ 3600 NS ns1',
    'ns1 3600 A 127.0.0.1',
    `www ${FOLLOWER_TTL_SECONDS} DYNA simplefo!www`,
    ...records,
    '',
  ].join('\n')
}

function health(isUp: boolean): string {
  return `${PRIMARY} => ${isUp ? 'UP' : 'DOWN'}\n${SPARE} => UP\n`
}
