import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import {
  plainOrTlsField,
  portSchema,
  type ProbeTlsOptions,
  type ResolvedServer,
  serverFields,
  type ServerOptions,
  tlsField,
} from './connection-options.ts'
import { scriptDefaults } from './defaults.ts'
import { dialogueProbe } from './dialogue/dialogue-probe.ts'
import { parseHex, scriptDialogue, type ScriptStep } from './dialogue/script-steps.ts'
import { parseOptions } from './options.ts'
import { patternSchema } from './pattern.ts'
import type { Probe } from './probe.ts'

export type { Expected, ScriptStep } from './dialogue/script-steps.ts'

/** What a script probe says, and what it waits for. */
export interface ScriptProbeOptions extends ServerOptions {
  readonly port: number
  /** Default: none; a step may go over to TLS. */
  readonly security?: 'none' | 'tls' | undefined
  readonly tls?: ProbeTlsOptions | undefined
  /** In their order, 1 to 50. */
  readonly steps: readonly ScriptStep[]
  /** What a step waits for has to come within this many bytes. Default: 16,384 */
  readonly maxBytes?: number | undefined
}

/** {@link ScriptProbeOptions} with the defaults filled in. */
export interface ResolvedScriptProbeOptions extends ResolvedServer {
  readonly port: number
  readonly security: 'none' | 'tls'
  readonly tls: ProbeTlsOptions
  readonly steps: readonly ScriptStep[]
  readonly maxBytes: number
}

const text = z.string().min(1).max(65_536)
const hex = text.refine((value) => parseHex(value) !== undefined, { message: 'must be bytes in hex like "0d0a" or "00 ff"' })
const expected = z.union([text.max(1_024), z.strictObject({ pattern: patternSchema.describe("A pattern in RE2's syntax.") })])

const step: z.ZodType<ScriptStep, ScriptStep> = z.union([
  z.strictObject({ send: text.describe('Sends this text as it is: a line needs its own `\\r\\n`.') }),
  z.strictObject({ sendHex: hex.describe('Sends these bytes, in hex.') }),
  z.strictObject({
    expect: expected.describe('Waits for this text, or for `{pattern}`.'),
    unless: expected.optional().describe('What fails the script at once where it comes instead.'),
  }),
  z.strictObject({ expectHex: hex.describe('Waits for these bytes, in hex.') }),
  z.strictObject({ startTls: z.literal(true).describe('Goes over to TLS.') }),
])

/** A pattern is searched anew with each piece that comes, and its time grows with the text. */
const MAX_PATTERN_BYTES = 65_536

export const scriptProbeOptionsSchema: z.ZodType<ResolvedScriptProbeOptions, ScriptProbeOptions> = z
  .strictObject({
    ...serverFields,
    port: portSchema,
    security: plainOrTlsField,
    tls: tlsField,
    steps: z
      .array(step)
      .min(1)
      .max(50)
      .describe(
        'In their order: `{send}`, `{sendHex}`, `{expect, unless}`, `{expectHex}`, `{startTls: true}`; a text to expect, or `{pattern}`.',
      ),
    maxBytes: z
      .int()
      .min(1)
      .max(1_048_576)
      .default(scriptDefaults.maxBytes)
      .describe('What a step waits for has to come within this many bytes.'),
  })
  .refine(({ steps, maxBytes }) => maxBytes <= MAX_PATTERN_BYTES || !steps.some(hasPattern), {
    path: ['maxBytes'],
    message: `at most ${MAX_PATTERN_BYTES} where a pattern is searched`,
  })

/**
 * Says and waits, step by step, over TCP or TLS: for protocols without a probe of their own.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function scriptProbe(options: ScriptProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock, ...rest } = options
  const settings = parseOptions('scriptProbe', scriptProbeOptionsSchema, rest)
  const { steps, maxBytes } = settings
  return dialogueProbe({ type: 'script', server: settings, clock, dialogue: () => scriptDialogue(steps, maxBytes) })
}

function hasPattern(one: ScriptStep): boolean {
  return 'expect' in one && [one.expect, one.unless].some((wanted) => typeof wanted === 'object')
}
