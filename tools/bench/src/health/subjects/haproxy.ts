import { join } from 'node:path'
import { type Child, startChild } from '../../linux/child.ts'
import { freePorts } from '../../linux/free-ports.ts'
import { findProgram, programVersion } from '../../linux/programs.ts'
import type { ProbeLoad } from '../load.ts'
import { type TargetPlaces, targetAddress } from '../origin.ts'
import type { ProbeSubject } from '../subject.ts'
import { writeFiles } from '../write-files.ts'

export const haproxy: ProbeSubject = {
  name: 'HAProxy',
  setup:
    '1 thread, one backend, each target a server with `check inter`, for HTTP with `option httpchk GET /`; a new process for each turn, because it spreads its checks only at the start; a TCP check ends the handshake with a reset, which the origin cannot count: as many are taken as were due',
  install: 'apt-get install haproxy',
  takesMany: true,
  unseen: 'tcp',
  async find() {
    const program = await findProgram('haproxy')
    return program === undefined ? undefined : programVersion(program, '-v')
  },
  async start({ load, origin, folder, cores, random, adopt }) {
    const program = (await findProgram('haproxy')) ?? 'haproxy'
    const [port = 0] = await freePorts(1, random)
    await writeFiles(folder, { 'haproxy.cfg': config(port, load, origin) })
    let child: Child | undefined
    return {
      async begin() {
        const given = ['-db', '-f', join(folder, 'haproxy.cfg')]
        child = adopt(await startChild({ name: 'HAProxy', program, arguments: given, core: cores.proxy }))
        return child
      },
      async pause() {
        await child?.stop()
      },
    }
  },
}

function config(port: number, { kind, targets, intervalMs }: ProbeLoad, origin: TargetPlaces): string {
  const servers = Array.from(
    { length: targets },
    (_, index) => `  server target-${index} ${targetAddress(origin, index)}:${origin.port} check`,
  )
  return `
global
  nbthread 1
  maxconn 100
defaults
  mode http
  timeout connect 2s
  timeout client 5s
  timeout server 5s
  timeout check 2s
frontend nobody
  bind 127.0.0.1:${port}
  default_backend targets
backend targets
${kind === 'http' ? '  option httpchk GET /' : ''}
  default-server inter ${intervalMs}ms fall 3 rise 2
${servers.join('\n')}
`
}
