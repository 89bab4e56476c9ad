import { type Clock, systemClock } from '@hotspare/core'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { alertDefaults } from './defaults.ts'
import { BAD_CREDENTIALS, channelName, clockPart, hasMethod, hasReadableCredentials, milliseconds } from './schema-parts.ts'
import { readSecret } from './standard-webhooks.ts'
import { headerNameProblem, headerValueProblem } from './webhook-headers.ts'

export interface WebhookChannelOptions {
  /** What it is called in events. */
  readonly name: string
  /** Where to POST, `http:` or `https:`. A user and a password in it become an `Authorization` header. */
  readonly url: string
  /** Signs every request as Standard Webhooks does: `whsec_` and the base64 of 24 to 64 bytes. Default: not signed */
  readonly secret?: string | undefined
  /** Further headers, such as `Authorization`. Default: none */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Longest time for one attempt, in milliseconds. Keep it below the alerter's `sendTimeoutMs`. Default: 8,000 */
  readonly timeoutMs?: number | undefined
  /** The way out, for a proxy, a private CA or a filter of addresses; it stays the caller's to close. Default: a connection for each request */
  readonly dispatcher?: Dispatcher | undefined
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
}

export interface ResolvedWebhookChannelOptions {
  readonly name: string
  readonly url: string
  readonly secret?: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly dispatcher?: Dispatcher | undefined
  readonly clock: Clock
}

const headersPart = z.record(z.string(), z.string()).superRefine((headers, context) => {
  for (const [name, value] of Object.entries(headers)) {
    const message = headerNameProblem(name) ?? headerValueProblem(value)
    if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message })
  }
})

export const webhookChannelOptionsSchema: z.ZodType<ResolvedWebhookChannelOptions, WebhookChannelOptions> = z.strictObject({
  name: channelName,
  url: z.url({ protocol: /^https?$/, message: 'write an http:// or https:// URL' }).refine(hasReadableCredentials, BAD_CREDENTIALS),
  secret: z
    .string()
    .superRefine((secret, context) => {
      const read = readSecret(secret)
      if ('wrong' in read) context.addIssue({ code: 'custom', message: read.wrong })
    })
    .optional(),
  headers: headersPart.default({}),
  timeoutMs: milliseconds.default(alertDefaults.channelTimeoutMs),
  dispatcher: z.custom<Dispatcher>((value) => hasMethod(value, 'dispatch'), 'expected a Dispatcher of undici').optional(),
  clock: clockPart.default(systemClock),
})
