import { AGENT_NAME, fenceAgentOptionsSchema } from '@hotspare/fence'
import { z } from 'zod'
import type { FenceDeviceConfig, FencingConfig, FencingMode, WatchdogConfig } from './config-fencing.ts'
import { defaults, limits } from './defaults.ts'
import { absolutePathSchema, countSchema, durationSchema, memberNameSchema, readable, readOption } from './schema-scalars.ts'

export interface FencingInput {
  readonly nodes: Record<string, FenceDeviceInput[]>
  readonly startDelay?: string | undefined
}

export interface FenceDeviceInput {
  readonly agent: string
  readonly options?: Record<string, string | number | boolean> | undefined
  readonly secrets?: Record<string, string> | undefined
  readonly level?: number | undefined
  readonly timeout?: string | undefined
  readonly proof?: 'status' | 'word' | undefined
}

export interface WatchdogInput {
  readonly path?: string | undefined
  readonly timeout?: string | undefined
  readonly mode?: 'required' | 'automatic' | undefined
}

const agentSchema = readable(
  (text) => (AGENT_NAME.test(text) ? { ok: true, value: text } : { ok: false, hint: 'the name of a fence agent, or an absolute path' }),
  { title: 'fence agent', examples: ['fence_ipmilan'] },
)

/** In the words of the package. */
const oneLine = (text: string) => readOption(text, 'options', fenceAgentOptionsSchema, { agent: 'a' }, (value) => ({ a: value }))

const optionNameSchema = z
  .string()
  .superRefine((name, context) => {
    const judged = fenceAgentOptionsSchema.safeParse({ agent: 'a', options: { [name]: 'a' } })
    if (!judged.success) context.addIssue({ code: 'custom', message: 'a name like ip or power_timeout; action is given by what is done' })
  })
  .meta({ title: 'option name', examples: ['ip'] })

const optionValueSchema: z.ZodType<string, string | number | boolean> = z.union([
  readable(oneLine, { title: 'option value', examples: ['10.0.9.1'] }),
  z.number().transform(String),
  z.boolean().transform((value) => (value ? '1' : '0')),
])

const deviceSchema: z.ZodType<FenceDeviceConfig, FenceDeviceInput> = z
  .strictObject({
    agent: agentSchema.describe(
      'A fence agent: `fence_ipmilan`, `fence_apc`, ...; or the absolute path of a program with the same contract.',
    ),
    options: z
      .record(optionNameSchema, optionValueSchema)
      .prefault({})
      .describe('What the agent needs, by the names of its manual: `ip`, `username`, `plug`.'),
    secrets: z
      .record(optionNameSchema, readable(oneLine, { title: 'fence secret', examples: ['${env:IPMI_PASSWORD}'], writeOnly: true }))
      .prefault({})
      .describe(
        'The same, for what nobody must see: `password: ${env:IPMI_PASSWORD}`. It goes to the agent over its standard input alone.',
      ),
    level: countSchema(1, 9)
      .prefault(defaults.fencing.level)
      .describe('All devices of one level have to succeed, as with two power supplies; the next level is tried when they have not.'),
    timeout: durationSchema('1s', '10m').prefault(defaults.fencing.timeout).describe('How long switching off may take.'),
    proof: z
      .enum(['status', 'word'])
      .prefault(defaults.fencing.proof)
      .describe('What proves that it is off: the `status` of the agent afterwards; or its word alone, where it has no status.'),
  })
  .transform(({ timeout, ...rest }) => ({ ...rest, offTimeoutMs: timeout }))

export const fencingSchema: z.ZodType<FencingConfig, FencingInput> = z
  .strictObject({
    nodes: z
      .record(memberNameSchema, z.array(deviceSchema).min(1).max(limits.fenceDevices))
      .refine((nodes) => Object.keys(nodes).length > 0, { error: 'at least one node is needed' })
      .describe('By the node that is switched off: the devices that can do it. The same on all nodes; each uses those of the others.'),
    startDelay: durationSchema('0s', '1h')
      .prefault(defaults.fencing.startDelay)
      .describe('A node that was not heard since Hotspare was started here may be booting: it is not fenced before this.'),
  })
  .transform(({ startDelay, ...rest }) => ({ ...rest, startDelayMs: startDelay }))

/** The words of each choice are shown where none was made. */
export const fencingModeSchema: z.ZodType<FencingMode, FencingMode> = z.enum(['required', 'automatic'])

export const watchdogSchema: z.ZodType<WatchdogConfig, WatchdogInput> = z
  .strictObject({
    path: absolutePathSchema.prefault(defaults.watchdog.path).describe('The device.'),
    timeout: durationSchema('1s', '10m')
      .prefault(defaults.watchdog.timeout)
      .describe('From the last sign of life to the reset, in whole seconds.'),
    mode: z
      .enum(['required', 'automatic'])
      .prefault(defaults.watchdog.mode)
      .describe('Where the device cannot be used: `required` never becomes active, `automatic` says so and goes on.'),
  })
  .transform(({ timeout, ...rest }) => ({ ...rest, timeoutMs: timeout }))
