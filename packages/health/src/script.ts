import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import { scriptDefaults } from './defaults.ts'
import { dialogueProbe } from './dialogue/dialogue-probe.ts'
import {
  type DialogueTargetOptions,
  type DialogueTlsOptions,
  plainOrTlsField,
  portSchema,
  type ResolvedDialogueTarget,
  targetFields,
  tlsField,
} from './dialogue/options.ts'
import { parseHex, scriptDialogue, type ScriptStep } from './dialogue/script-steps.ts'
import { parseOptions } from './options.ts'
import { patternSchema } from './pattern.ts'
import type { Probe } from './probe.ts'

export type { Expected, ScriptStep } from './dialogue/script-steps.ts'

/** What a script probe says, and what it waits for. */
export interface ScriptProbeOptions extends DialogueTargetOptions {
  readonly port: number
  /** Default: none; a step may go over to TLS. */
  readonly security?: 'none' | 'tls' | undefined
  readonly tls?: DialogueTlsOptions | undefined
  /** In their order, 1 to 50. */
  readonly steps: readonly ScriptStep[]
  /** What a step waits for has to come within this many bytes. Default: 16,384 */
  readonly maxBytes?: number | undefined
}

/** {@link ScriptProbeOptions} with the defaults filled in. */
export interface ResolvedScriptProbeOptions extends ResolvedDialogueTarget {
  readonly port: number
  readonly security: 'none' | 'tls'
  readonly tls: DialogueTlsOptions
  readonly steps: readonly ScriptStep[]
  readonly maxBytes: number
}

const text = z.string().min(1).max(65_536)
const hex = text.refine((value) => parseHex(value) !== undefined, { message: 'must be bytes in hex like "0d0a" or "00 ff"' })
const expected = z.union([text.max(1_024), z.strictObject({ pattern: patternSchema })])

const step: z.ZodType<ScriptStep, ScriptStep> = z.union([
  z.strictObject({ send: text }),
  z.strictObject({ sendHex: hex }),
  z.strictObject({ expect: expected, unless: expected.optional() }),
  z.strictObject({ expectHex: hex }),
  z.strictObject({ startTls: z.literal(true) }),
])

export const scriptProbeOptionsSchema: z.ZodType<ResolvedScriptProbeOptions, ScriptProbeOptions> = z.strictObject({
  ...targetFields,
  port: portSchema.describe('The port of the server.'),
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

/**
 * Says and waits, step by step, over TCP or TLS: for protocols without a probe of their own.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function scriptProbe(options: ScriptProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock, ...rest } = options
  const settings = parseOptions('scriptProbe', scriptProbeOptionsSchema, rest)
  const { port, security, tls, steps, maxBytes } = settings
  return dialogueProbe({ type: 'script', target: settings, port, security, tls, clock, dialogue: () => scriptDialogue(steps, maxBytes) })
}
