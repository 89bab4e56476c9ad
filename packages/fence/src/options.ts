import { type Clock, LONGEST_DELAY_MS, optionsError, systemClock } from '@hotspare/core'
import { z } from 'zod'
import { OPTION_NAME, OPTION_VALUE } from './agent/input.ts'
import { agentDefaults } from './defaults.ts'

/** Which agent switches which node off, and with what. */
export interface FenceAgentOptions {
  /** `fence_ipmilan`, looked up in the usual folders; or the absolute path of a program that keeps to the same contract. */
  readonly agent: string
  /** What the agent needs, as its manual names it: `ip`, `username`, `plug`. Default: none */
  readonly options?: Readonly<Record<string, string>> | undefined
  /** The same, for what nobody must see: `password`. Default: none */
  readonly secrets?: Readonly<Record<string, string>> | undefined
  /** How long switching off may take, in milliseconds. Default: 60,000 */
  readonly offTimeoutMs?: number | undefined
  /** How long a question may take, in milliseconds. Default: 20,000 */
  readonly askTimeoutMs?: number | undefined
  /** How often it is tried in one call of `off`. Default: 2 */
  readonly attempts?: number | undefined
  /** The pause between two of them, in milliseconds. Default: 1,000 */
  readonly retryMs?: number | undefined
  /** What proves that the node is off: the agent's `status` afterwards, or its word alone where it has no status. Default: `status` */
  readonly proof?: 'status' | 'word' | undefined
  /** Default: the system's clock */
  readonly clock?: Clock | undefined
}

/** {@link FenceAgentOptions}, checked and complete. */
export interface ResolvedFenceAgentOptions {
  readonly agent: string
  readonly options: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
  readonly offTimeoutMs: number
  readonly askTimeoutMs: number
  readonly attempts: number
  readonly retryMs: number
  readonly proof: 'status' | 'word'
  readonly clock: Clock
}

/** A name is looked up in the folders of the system alone. */
export const AGENT_NAME: RegExp = /^(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,127}|\/[^\s\0]{1,1023})$/

const timeoutMs = z.number().positive().max(LONGEST_DELAY_MS)

const valuesSchema = z
  .record(
    z.string().regex(OPTION_NAME, 'expected a name like ip or power_timeout; action is given by what is done'),
    z.string().regex(OPTION_VALUE, 'expected one line, without blanks at its ends'),
  )
  .refine((values) => Object.keys(values).length <= 100, 'expected at most 100')

export const fenceAgentOptionsSchema: z.ZodType<ResolvedFenceAgentOptions, FenceAgentOptions> = z
  .strictObject({
    agent: z.string().regex(AGENT_NAME, 'expected a name like fence_ipmilan, or an absolute path'),
    options: valuesSchema.default({}),
    secrets: valuesSchema.default({}),
    offTimeoutMs: timeoutMs.default(agentDefaults.offTimeoutMs),
    askTimeoutMs: timeoutMs.default(agentDefaults.askTimeoutMs),
    attempts: z.int().min(1).max(10).default(agentDefaults.attempts),
    retryMs: z.number().min(0).max(LONGEST_DELAY_MS).default(agentDefaults.retryMs),
    proof: z.enum(['status', 'word']).default('status'),
    clock: z
      .custom<Clock>((value) => typeof Reflect.get(Object(value), 'schedule') === 'function', 'expected a Clock')
      .default(systemClock),
  })
  .refine(({ options, secrets }) => Object.keys(options).every((name) => !Object.hasOwn(secrets, name)), {
    path: ['secrets'],
    message: 'an option stands in both',
  })

/** @throws HotspareError `HOTSPARE_FENCE_OPTIONS` */
export function parseOptions<Output>(who: string, schema: z.ZodType<Output>, options: unknown): Output {
  const parsed = schema.safeParse(options)
  if (parsed.success) return parsed.data
  throw optionsError({ code: 'HOTSPARE_FENCE_OPTIONS', who, issues: parsed.error.issues })
}
