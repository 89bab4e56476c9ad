import { ask } from '../linux/ask.ts'
import { startChild } from '../linux/child.ts'
import { freeUdpPorts } from '../linux/free-ports.ts'
import type { ProgramArguments } from './programs/arguments.ts'
import type { NodeAnswer } from './programs/messages.ts'
import type { HeartbeatSite, RunningNode } from './subject.ts'

const ANSWER_WITHIN_MS = 15_000

/** Starts a node under test, a program of Node, and one more with all its peers. */
export async function startNodePair(name: string, node: string, peers: string, site: HeartbeatSite): Promise<RunningNode> {
  const { intervalMs, folder, cores, random, signal, adopt } = site
  const [nodePort = 0, ...peerPorts] = await freeUdpPorts(site.peers + 1, random)
  const given: ProgramArguments = { intervalMs, nodePort, peerPorts, folder }
  const start = async (called: string, script: string, core: number | undefined) =>
    adopt(
      await startChild({
        name: called,
        program: process.execPath,
        arguments: ['--conditions=@hotspare/source', script, JSON.stringify(given)],
        core,
        ipc: true,
      }),
    )
  await start(`the peers of ${name}`, peers, cores.load)
  const child = await start(name, node, cores.proxy)
  const read = () => ask<NodeAnswer>(child, 'read', { withinMs: ANSWER_WITHIN_MS, signal })
  return { child, alive: async () => (await read()).alive, counters: read }
}
