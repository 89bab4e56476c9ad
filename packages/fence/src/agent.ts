import { sleep } from '@hotspare/core'
import type { Outcome } from '@hotspare/core/plan'
import { type AgentAction, agentInput, manualCommand, secretsOf } from './agent/input.ts'
import { type AgentMetadata, readMetadata, unknownOptions } from './agent/metadata.ts'
import { judgeOff, readOrder, readPower } from './agent/verdict.ts'
import { agentDefaults } from './defaults.ts'
import type { FenceCallOptions, FenceDevice, PowerReading } from './fence-device.ts'
import { type FenceAgentOptions, fenceAgentOptionsSchema, parseOptions } from './options.ts'
import { type AgentEnd, runAgent } from './agent/run.ts'

/** A device that an agent drives. */
export interface FenceAgent extends FenceDevice {
  /** What the agent says of itself; undefined where it says nothing that could be read. */
  metadata(options?: FenceCallOptions): Promise<AgentMetadata | undefined>
  /** Switches the node on again. Nothing here ever calls it by itself. */
  on(options?: FenceCallOptions): Promise<Outcome>
}

/**
 * A node's power, in the hands of one of the fence-agents, or of a program with their contract: `key=value` lines on
 * standard input, an exit code as the answer. Nothing is run before the first call.
 *
 * @throws HotspareError `HOTSPARE_FENCE_OPTIONS` that names each wrong option
 */
export function createFenceAgent(given: FenceAgentOptions): FenceAgent {
  const settings = parseOptions('fence agent', fenceAgentOptionsSchema, given)
  const { agent, options, secrets, offTimeoutMs, askTimeoutMs, attempts, retryMs, proof, clock } = settings
  const hidden = secretsOf(options, secrets)

  function run(action: AgentAction, timeoutMs: number, signal: AbortSignal | undefined, keepFirst?: number): Promise<AgentEnd> {
    return runAgent({ file: agent, input: agentInput(action, { ...options, ...secrets }), timeoutMs, clock, signal, keepFirst })
  }

  async function status({ signal }: FenceCallOptions = {}): Promise<PowerReading> {
    return readPower(await run('status', askTimeoutMs, signal), hidden)
  }

  async function off({ signal }: FenceCallOptions = {}): Promise<Outcome> {
    let last: Outcome = { ok: false, because: 'it was not tried', retryable: true }
    for (let attempt = 1; attempt <= attempts; attempt++) {
      if (signal?.aborted) return { ok: false, because: 'it was given up', retryable: true }
      const order = readOrder(await run('off', offTimeoutMs, signal), hidden)
      last = judgeOff({ order, power: await status({ signal }) }, proof === 'word')
      if (last.ok || !last.retryable || attempt === attempts) return last
      await sleep(retryMs, { signal, clock }).catch(() => {})
    }
    return last
  }

  async function metadata({ signal }: FenceCallOptions = {}): Promise<AgentMetadata | undefined> {
    const end = await run('metadata', askTimeoutMs, signal, agentDefaults.metadataCharacters)
    return end.type === 'exited' && end.code === 0 ? readMetadata(end.stdout) : undefined
  }

  /** The agent's own look at its device, and ours at its options: it passes a mistyped one over. */
  async function monitor(call: FenceCallOptions = {}): Promise<Outcome> {
    const known = await metadata(call)
    const strange = known ? unknownOptions(known, Object.keys({ ...options, ...secrets })) : []
    if (strange.length > 0) {
      return { ok: false, because: `the agent does not know ${strange.join(', ')}, and would pass that over`, retryable: false }
    }
    return readOrder(await run('monitor', askTimeoutMs, call.signal), hidden)
  }

  return {
    name: agent,
    allowedMs: attempts * (offTimeoutMs + askTimeoutMs) + (attempts - 1) * retryMs,
    manual: [manualCommand(agent, 'off', options, secrets), manualCommand(agent, 'status', options, secrets)],
    off,
    status,
    monitor,
    metadata,
    on: async ({ signal } = {}) => readOrder(await run('on', offTimeoutMs, signal), hidden),
  }
}
