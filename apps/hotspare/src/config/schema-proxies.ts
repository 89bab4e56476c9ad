import { z } from 'zod'
import { formatListen } from './addresses.ts'
import type { ForwardedPolicy, ProxyConfig } from './config.ts'
import { defaults } from './defaults.ts'
import { countSchema, durationSchema, listenSchema, nameSchema } from './schema-scalars.ts'

export interface ProxyInput {
  readonly name?: string | undefined
  readonly listen: string
  readonly pool: string
  readonly attempts?: number | undefined
  readonly timeouts?: ProxyTimeoutsInput | undefined
  readonly forwarded?: ForwardedPolicy | undefined
}

interface ProxyTimeoutsInput {
  readonly connect?: string | undefined
  readonly firstByte?: string | undefined
  readonly idle?: string | undefined
  readonly drain?: string | undefined
}

const { proxy } = defaults

export const proxySchema: z.ZodType<ProxyConfig, ProxyInput> = z
  .strictObject({
    name: nameSchema.optional().describe('Unique in the file. Default: the listen address.'),
    listen: listenSchema.describe('Where clients connect. `:8080` is every address of the machine; port 0 takes a free one.'),
    pool: nameSchema.describe('The pool that answers.'),
    attempts: countSchema(1, 10).prefault(proxy.attempts).describe('Tries per request, the first included.'),
    timeouts: z
      .strictObject({
        connect: durationSchema('1ms', '1m').prefault(proxy.connect).describe('Until a target accepts a connection.'),
        firstByte: durationSchema('1ms', '1h').prefault(proxy.firstByte).describe('From the request to the head of the answer.'),
        idle: durationSchema('1ms', '1d').prefault(proxy.idle).describe('Silence within an answer.'),
        drain: durationSchema('0s', '1h').prefault(proxy.drain).describe('How long a stopping proxy lets requests finish.'),
      })
      .prefault({})
      .describe('How long the proxy waits.'),
    forwarded: z
      .enum(['replace', 'append'])
      .prefault(proxy.forwarded)
      .describe('`replace` believes no client about X-Forwarded-*; `append` is for a proxy behind a trusted one.'),
  })
  .transform(({ name, timeouts, ...rest }) => ({
    ...rest,
    name: name ?? formatListen(rest.listen),
    timeouts: { connectMs: timeouts.connect, firstByteMs: timeouts.firstByte, idleMs: timeouts.idle, drainMs: timeouts.drain },
  }))
