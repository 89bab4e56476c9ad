import { fileURLToPath } from 'node:url'
import { findProgram, programVersion } from '../linux/programs.ts'
import type { SystemUnderTest } from '../proxy/system.ts'
import { nodeSystem } from '../proxy/systems/node-system.ts'

const hotspare = nodeSystem({
  name: 'Hotspare',
  setup: '2 targets, least request, events on, one subscriber',
  package: '@hotspare/proxy',
  script: fileURLToPath(new URL('servers/hotspare.ts', import.meta.url)),
})

const bareNet = nodeSystem({
  name: 'bare node:net',
  setup: '1 target, socket.write and back-pressure, nothing else: what Node costs',
  package: '@hotspare/proxy',
  script: fileURLToPath(new URL('servers/bare-net.ts', import.meta.url)),
})

const haproxy: SystemUnderTest = {
  name: 'HAProxy',
  setup: '1 thread, mode tcp, 2 targets, leastconn',
  install: 'apt-get install haproxy',
  async find() {
    const program = await findProgram('haproxy')
    if (program === undefined) return undefined
    return {
      version: await programVersion(program, '-v'),
      launch: ({ folder, port, originPorts }) => ({
        files: { 'haproxy.cfg': config(port, originPorts) },
        program,
        arguments: ['-db', '-f', `${folder}/haproxy.cfg`],
      }),
    }
  },
}

function config(port: number, originPorts: readonly number[]): string {
  return `
global
  nbthread 1
  maxconn 4096
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
frontend clients
  bind 127.0.0.1:${port}
  default_backend origins
backend origins
  balance leastconn
${originPorts.map((origin, index) => `  server origin-${index} 127.0.0.1:${origin}`).join('\n')}
`
}

/** In the order of each round. */
export const tcpSystems: readonly SystemUnderTest[] = [hotspare, bareNet, haproxy]

/** What the table sets the others against. */
export const tcpReference: SystemUnderTest = haproxy
