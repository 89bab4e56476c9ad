import { join } from 'node:path'
import { startChild, whenReady } from '../../linux/child.ts'
import { freePorts } from '../../linux/free-ports.ts'
import { findProgram, programVersion } from '../../linux/programs.ts'
import type { LeaseStore } from '../store.ts'

const READY_WITHIN_MS = 30_000

export const etcdStore: LeaseStore = {
  name: 'etcd',
  install: 'apt-get install etcd-server',
  async find() {
    const program = await findProgram('etcd')
    if (program === undefined) return undefined
    return {
      version: await programVersion(program, '--version'),
      async start({ folder, core, random }) {
        const [clientPort = 0, peerPort = 0] = await freePorts(2, random)
        const url = `http://127.0.0.1:${clientPort}`
        const peerUrl = `http://127.0.0.1:${peerPort}`
        const own = ['--name', 'bench', '--data-dir', join(folder, 'data'), '--log-level', 'error']
        const clients = ['--listen-client-urls', url, '--advertise-client-urls', url]
        const peers = ['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl, '--initial-cluster', `bench=${peerUrl}`]
        const server = await startChild({ name: 'etcd', program, arguments: [...own, ...clients, ...peers], core })
        await whenReady(server, () => answers(url), READY_WITHIN_MS).catch(async (error: unknown) => {
          await server.stop()
          throw error
        })
        return { url, server }
      },
    }
  },
}

/** A linearizable read needs a leader. */
async function answers(url: string): Promise<true | undefined> {
  const body = JSON.stringify({ key: Buffer.from('ready').toString('base64') })
  const answer = await fetch(`${url}/v3/kv/range`, { method: 'POST', body, signal: AbortSignal.timeout(1_000) })
  await answer.body?.cancel()
  return answer.ok ? true : undefined
}
