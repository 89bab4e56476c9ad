import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startChild, whenReady } from '../../linux/child.ts'
import { freePorts } from '../../linux/free-ports.ts'
import { findProgram, programVersion } from '../../linux/programs.ts'
import type { HeartbeatSubject } from '../subject.ts'

const READY_WITHIN_MS = 20_000

export const serf: HeartbeatSubject = {
  name: 'serf',
  setup:
    'an agent for each node, profile lan, no encryption: it asks one other node a second, however many there are, and hears of the rest by gossip; so it knows of a death after seconds, and its work does not grow with the peers',
  onNode: false,
  install: 'apt-get install serf',
  async find() {
    const program = await findProgram('serf')
    return program === undefined ? undefined : programVersion(program, 'version')
  },
  async start({ peers, cores, random, adopt }) {
    const program = (await findProgram('serf')) ?? 'serf'
    const [port = 0, rpcPort = 0] = await freePorts(2, random)
    const rpc = `127.0.0.1:${rpcPort}`
    const start = async (index: number, core: number | undefined) => {
      // 127.0.0.0/8 is all loopback: each agent has an address of its own, as nodes have.
      const host = `127.0.0.${index + 1}`
      const join = index === 0 ? [] : [`-retry-join=127.0.0.1:${port}`]
      const own = [`-node=node-${index}`, `-bind=${host}:${port}`, `-rpc-addr=${host}:${rpcPort}`, '-profile=lan', '-log-level=err']
      return adopt(await startChild({ name: `serf ${index}`, program, arguments: ['agent', ...own, ...join], core }))
    }
    const alive = async () => {
      const { stdout } = await promisify(execFile)(program, ['members', '-status=alive', '-format=json', `-rpc-addr=${rpc}`], {
        timeout: 5_000,
      })
      const { members } = JSON.parse(stdout) as { readonly members: readonly unknown[] }
      return members.length - 1
    }
    const child = await start(0, cores.proxy)
    await whenReady(child, alive, READY_WITHIN_MS)
    for (let index = 1; index <= peers; index++) await start(index, cores.load)
    return { child, alive }
  },
}
