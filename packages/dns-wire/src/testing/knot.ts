import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestAddress, type TestServer, type TestServerOptions, zoneFile } from './name-server.ts'
import { startServer } from './server-process.ts'

const KNOTD = '/usr/sbin/knotd'

export function hasKnot(): boolean {
  return existsSync(KNOTD)
}

/**
 * Starts a Knot DNS (Debian: knot).
 *
 * @throws HotspareError `HOTSPARE_DNS_WIRE_TEST_SERVER`
 */
export function startKnot(options: TestServerOptions): Promise<TestServer> {
  const { zones } = options
  return startServer({
    name: 'knot',
    zone: zones[0]?.name ?? '.',
    prepare: ({ folder, port }) => {
      for (const zone of zones) if (!zone.primary) writeFileSync(join(folder, `${zone.name}.zone`), zoneFile(zone))
      writeFileSync(join(folder, 'knot.conf'), `${configuration(options, folder, port).join('\n')}\n`)
      return { program: KNOTD, arguments: ['-c', join(folder, 'knot.conf')] }
    },
  })
}

/** Blocks alone: it does not read maps in braces. */
function configuration({ zones, keys = [], unsignedUpdates = false }: TestServerOptions, folder: string, port: number): readonly string[] {
  const remotes = [...new Set(zones.flatMap(({ primary, notify = [] }) => [...(primary ? [primary] : []), ...notify]).map(remoteName))]
  const open = unsignedUpdates ? 'transfer, notify, update' : 'transfer, notify'
  const acl = [
    { id: 'loopback', lines: ['address: 127.0.0.1', `action: [${open}]`] },
    ...keys.map(({ name }) => ({ id: `signed-${name}`, lines: [`key: ${name}`, 'action: [transfer, update]'] })),
  ]
  return [
    `server:\n    rundir: "${folder}"\n    listen: 127.0.0.1@${port}\n    udp-workers: 1\n    tcp-workers: 1`,
    `database:\n    storage: "${folder}"`,
    ...section('log', ['stderr'], (target) => [`target: ${target}`, 'any: info']),
    ...section('key', keys, ({ name, algorithm, secret }) => [`id: ${name}`, `algorithm: ${algorithm}`, `secret: "${secret}"`]),
    ...section('remote', remotes, (remote) => [`id: "${remote}"`, `address: ${remote}`]),
    ...section('acl', acl, ({ id, lines }) => [`id: ${id}`, ...lines]),
    ...section('template', ['default'], (id) => [`id: ${id}`, `storage: "${folder}"`, 'file: "%s.zone"', 'zonefile-sync: -1']),
    ...section('zone', zones, ({ name, primary, notify = [] }) => [
      `domain: ${name}`,
      `acl: [${acl.map(({ id }) => id).join(', ')}]`,
      ...(primary ? [`master: "${remoteName(primary)}"`] : []),
      ...(notify.length > 0 ? [`notify: [${notify.map((to) => `"${remoteName(to)}"`).join(', ')}]`] : []),
    ]),
  ]
}

/** An empty section is refused. */
function section<T>(name: string, entries: readonly T[], lines: (entry: T) => readonly string[]): readonly string[] {
  if (entries.length === 0) return []
  return [`${name}:`, ...entries.flatMap((entry) => lines(entry).map((line, index) => (index === 0 ? `  - ${line}` : `    ${line}`)))]
}

function remoteName({ address, port }: TestAddress): string {
  return `${address}@${port}`
}
