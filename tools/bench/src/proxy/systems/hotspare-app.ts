import { fileURLToPath } from 'node:url'
import { packageVersion } from '../../package-version.ts'
import type { SystemUnderTest } from '../system.ts'

const CLI = fileURLToPath(new URL('../../../../../apps/hotspare/src/cli.ts', import.meta.url))

export const hotspareApp: SystemUnderTest = {
  name: 'Hotspare, the app',
  setup: 'hotspare run with all its processes: 2 targets looked at each second, least request, retries, limits, metrics, alerts, API',
  install: 'pnpm install (the package hotspare)',
  find() {
    const version = packageVersion('hotspare')
    if (version === undefined) return Promise.resolve(undefined)
    return Promise.resolve({
      version,
      launch: ({ folder, port, originPorts }) => ({
        files: { 'hotspare.yaml': config(port, originPorts) },
        program: process.execPath,
        arguments: ['--conditions=@hotspare/source', CLI, 'run', '-c', `${folder}/hotspare.yaml`],
      }),
    })
  },
}

function config(port: number, originPorts: readonly number[]): string {
  return `
log: { level: warn }
api: { listen: '127.0.0.1:0' }
pools:
  web:
    balance: { algorithm: least-request }
    targets: [${originPorts.map((origin) => `'http://127.0.0.1:${origin}'`).join(', ')}]
    health: { type: http, path: /small, interval: 1s }
proxies:
  - { listen: '127.0.0.1:${port}', pool: web }
`
}
