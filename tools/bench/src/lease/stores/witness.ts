import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startChild, whenReady } from '../../linux/child.ts'
import { freePorts } from '../../linux/free-ports.ts'
import { packageVersion } from '../../package-version.ts'
import type { LeaseStore } from '../store.ts'

const SERVER = fileURLToPath(new URL('../witness-server.ts', import.meta.url))
const READY_WITHIN_MS = 15_000

export const witnessStore: LeaseStore = {
  name: 'witness',
  install: 'pnpm install (the package @hotspare/lease)',
  async find() {
    const version = packageVersion('@hotspare/lease')
    if (version === undefined) return undefined
    return {
      version,
      async start({ folder, core, random }) {
        const [port = 0] = await freePorts(1, random)
        const file = join(folder, 'witness.json')
        const given = ['--conditions=@hotspare/source', SERVER, `${port}`, file]
        const server = await startChild({ name: 'the witness', program: process.execPath, arguments: given, core })
        const url = `http://127.0.0.1:${port}`
        await whenReady(server, async () => ((await fetch(`${url}/healthz`)).ok ? true : undefined), READY_WITHIN_MS).catch(
          async (error: unknown) => {
            await server.stop()
            throw error
          },
        )
        return { url, server }
      },
    }
  },
}
