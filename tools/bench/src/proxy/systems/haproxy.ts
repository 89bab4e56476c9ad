import { findProgram, programVersion } from '../../linux/programs.ts'
import type { SystemUnderTest } from '../system.ts'

export const haproxy: SystemUnderTest = {
  name: 'HAProxy',
  setup: '1 thread, 2 targets, random(2), http-reuse always, X-Forwarded-For',
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
  maxconn 8192
defaults
  mode http
  option http-keep-alive
  option forwardfor
  option redispatch
  timeout connect 2s
  timeout client 75s
  timeout server 30s
frontend clients
  bind 127.0.0.1:${port}
  default_backend origins
backend origins
  balance random(2)
  http-reuse always
${originPorts.map((origin, index) => `  server origin-${index} 127.0.0.1:${origin}`).join('\n')}
`
}
