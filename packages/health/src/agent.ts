import type { Clock } from '@hotspare/core'
import { assertNever, clipDetail, systemClock } from '@hotspare/core'
import { z } from 'zod'
import { agentDefaults } from './agent/defaults.ts'
import { follow, judgeAgent } from './agent/judge.ts'
import { type AgentAnswer, parseAgentLine } from './agent/line.ts'
import { readLine } from './agent/read-line.ts'
import { openConnection } from './connection.ts'
import { hostAndPort, hostSchema, portSchema } from './connection-options.ts'
import { probeDefaults } from './defaults.ts'
import { describeFailure, failed, type Finding, inconclusive } from './failure.ts'
import { parseOptions } from './options.ts'
import type { Probe, ProbeResult } from './probe.ts'
import { milliseconds } from './milliseconds.ts'
import { type ProbeRun, runProbe } from './run-probe.ts'

export { formatAgentLine, parseAgentLine } from './agent/line.ts'
export type { AgentAnswer, ParsedAgentLine } from './agent/line.ts'
export { agentServer, agentServerOptionsSchema } from './agent/server.ts'
export type { AgentQuestion, AgentServer, AgentServerOptions, AnswerAgent, ResolvedAgentServerOptions } from './agent/server.ts'

/** Which agent is asked. */
export interface AgentProbeOptions {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** Sent as soon as the connection is open, as HAProxy's `agent-send`; with its own line break. Default: nothing */
  readonly send?: string | undefined
  /**
   * What it means when no answer can be had. `ignore` is HAProxy's rule: the result is inconclusive, since whether the
   * target serves is for another check to say. Default: ignore
   */
  readonly unreachable?: 'ignore' | 'fail' | undefined
  /** One deadline over name, connection and answer, in milliseconds. Default: 500 */
  readonly timeoutMs?: number | undefined
}

/** {@link AgentProbeOptions} with the defaults filled in. */
export interface ResolvedAgentProbeOptions {
  readonly host: string
  readonly port: number
  readonly send?: string | undefined
  readonly unreachable: 'ignore' | 'fail'
  readonly timeoutMs: number
}

export const agentProbeOptionsSchema: z.ZodType<ResolvedAgentProbeOptions, AgentProbeOptions> = z.strictObject({
  host: hostSchema,
  port: portSchema.describe('The port of the agent.'),
  send: z.string().min(1).max(1_024).optional().describe('Sent as soon as the connection is open, with its own line break.'),
  unreachable: z
    .enum(['ignore', 'fail'])
    .default('ignore')
    .describe('What it means when no answer can be had: ignore is inconclusive, as in HAProxy.'),
  timeoutMs: milliseconds.default(probeDefaults.timeoutMs).describe('One deadline over name, connection and answer, in milliseconds.'),
})

/**
 * The client side of HAProxy's `agent-check`: one line, made of words. What a line does not mention stays as an earlier
 * one said, so the probe remembers: only `up` ends a `down`, only `ready` ends `drain` and `maint`.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function agentProbe(options: AgentProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock = systemClock, ...rest } = options
  const { host, port, send, unreachable, timeoutMs } = parseOptions('agentProbe', agentProbeOptionsSchema, rest)
  const address = hostAndPort(host, port)
  let known: AgentAnswer = {}
  async function look(run: ProbeRun): Promise<Finding> {
    const read = await ask(host, port, send, run)
    if (typeof read !== 'string') return read
    const parsed = parseAgentLine(read)
    if (!parsed) return failed('protocol', `not the line of an agent: ${read.slice(0, 80)}`)
    known = follow(known, parsed.answer)
    return judgeAgent(known, parsed.unknown)
  }
  return {
    type: 'agent',
    address,
    timeoutMs,
    async run({ signal } = {}) {
      const result = await runProbe({ what: `agent probe of ${address}`, timeoutMs, clock, signal }, look)
      return unreachable === 'ignore' ? withoutSilence(result) : result
    },
  }
}

/** The line, or why there is none. */
async function ask(host: string, port: number, send: string | undefined, run: ProbeRun): Promise<string | Finding> {
  let socket
  try {
    socket = await openConnection({ host, port }, run)
  } catch (error) {
    return describeFailure(error)
  }
  try {
    if (send !== undefined) socket.write(send)
    const end = await readLine(socket, agentDefaults.maxLineBytes)
    run.ended('first-byte')
    switch (end.kind) {
      case 'line':
        return end.line
      case 'too-long':
        return failed('protocol', `no line break within ${agentDefaults.maxLineBytes} bytes`)
      case 'closed':
        return failed(
          'closed',
          end.bytes === 0 ? 'connection closed before an answer' : `connection closed after ${end.bytes} bytes, without a line break`,
        )
      case 'broken':
        return describeFailure(end.error)
      default:
        return assertNever(end)
    }
  } finally {
    socket.destroy()
  }
}

/** Only what the agent itself says counts. */
function withoutSilence(result: ProbeResult): ProbeResult {
  if (result.outcome !== 'fail' || result.reason === 'unwell') return result
  const { detail, durationMs, phases } = result
  return {
    ...inconclusive(clipDetail(`the agent gave no answer, which is ignored: ${detail}`)),
    durationMs,
    ...(phases ? { phases } : {}),
  }
}
