import { fileURLToPath } from 'node:url'
import { packageVersion } from '../../package-version.ts'
import type { DnsSystem } from '../system.ts'

const SCRIPT = fileURLToPath(new URL('../servers/hotspare.ts', import.meta.url))

export const hotspare: DnsSystem = {
  name: 'Hotspare',
  setup: 'the embedded server with its defaults, and a rate limit that nobody reaches; a change is a call of set()',
  install: 'pnpm install (the package @hotspare/dns)',
  changesShare: 1,
  find() {
    const version = packageVersion('@hotspare/dns')
    if (version === undefined) return Promise.resolve(undefined)
    return Promise.resolve({
      version,
      launch: ({ port }) => ({
        files: {},
        program: process.execPath,
        arguments: ['--conditions=@hotspare/source', SCRIPT, `${port}`],
      }),
      change: async (child, _site, address) => void child.process.send(address),
    })
  },
}
