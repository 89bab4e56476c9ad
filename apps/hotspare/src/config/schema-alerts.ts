import { parseMailbox, smtpChannelOptionsSchema } from '@hotspare/alert/smtp'
import { headerNameProblem, headerValueProblem, readSecret, webhookChannelOptionsSchema } from '@hotspare/alert/webhook'
import { z } from 'zod'
import type { Reading } from './addresses.ts'
import type { AlertRouteConfig, ChannelConfig, Severity } from './config.ts'
import { limits } from './defaults.ts'
import { headersSchema, nameSchema, readable, readOption, textSchema } from './schema-scalars.ts'

type ChannelInput = WebhookChannelInput | SmtpChannelInput | ConsoleChannelInput

interface WebhookChannelInput {
  readonly type: 'webhook'
  readonly url: string
  readonly secret?: string | undefined
  readonly headers?: Record<string, string> | undefined
}

interface SmtpChannelInput {
  readonly type: 'smtp'
  readonly url: string
  readonly from?: string | undefined
  readonly to: string[]
}

interface ConsoleChannelInput {
  readonly type: 'console'
}

interface AlertRouteInput {
  readonly match?: { readonly severity?: Severity | Severity[] | undefined } | undefined
  readonly to: string[]
}

export interface AlertsInput {
  readonly channels?: Record<string, ChannelInput> | undefined
  readonly routes?: AlertRouteInput[] | undefined
}

/** A channel before it knows its name. */
type ParsedChannel = WithoutName<ChannelConfig>
type WithoutName<Channel> = Channel extends unknown ? Omit<Channel, 'name'> : never

export interface ParsedAlerts {
  readonly channels: Readonly<Record<string, ParsedChannel>>
  readonly routes: readonly AlertRouteConfig[]
}

// Each of these is understood by the package that will use it, so that what is accepted here is accepted there.
// Chat services put their secret into the address of a webhook, and a mail server's holds its password.
const webhookUrlSchema = readable((text) => readOption(text, 'url', webhookChannelOptionsSchema, { name: 'channel' }), {
  title: 'webhook URL',
  examples: ['https://chat.example.com/hooks/1'],
  writeOnly: true,
})
const smtpUrlSchema = readable((text) => readOption(text, 'url', smtpChannelOptionsSchema, { name: 'channel', to: ['ops@example.com'] }), {
  title: 'mail server URL',
  examples: ['smtp://mail.example.com:25'],
  writeOnly: true,
})
const signingSecretSchema = readable(readSigningSecret, { title: 'signing secret', examples: ['${env:WEBHOOK_SECRET}'], writeOnly: true })
const webhookHeadersSchema = headersSchema(headerNameProblem, headerValueProblem)
const mailboxSchema = readable(readMailbox, { title: 'mail address', examples: ['ops@example.com'] })
const severitySchema = z.enum(['critical', 'warning', 'info'])

const channelSchema: z.ZodType<ParsedChannel, ChannelInput> = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('webhook').describe('Posts each alert as JSON.'),
      url: webhookUrlSchema.describe('Where alerts are posted.'),
      secret: signingSecretSchema
        .optional()
        .describe(
          'Signs each alert, so that the receiver can tell it from a forged one: `whsec_` and the base64 of 24 to 64 bytes (Standard Webhooks).',
        ),
      headers: webhookHeadersSchema.prefault({}).describe('Further headers of the request.'),
    }),
    z.strictObject({
      type: z.literal('smtp').describe('Sends mail.'),
      url: smtpUrlSchema.describe('The mail server: smtp:// or smtps://, user:password@ if needed, host and port.'),
      from: mailboxSchema
        .optional()
        .describe('The sender. Default: the user of the URL if it is an address, else hotspare@ the domain of the first recipient.'),
      to: z.array(mailboxSchema).min(1).max(50).describe('Who gets the mail.'),
    }),
    z.strictObject({ type: z.literal('console').describe('Prints alerts on the terminal that runs Hotspare.') }),
  ])
  .transform((channel): ParsedChannel => {
    if (channel.type === 'webhook') return { ...channel, secret: channel.secret }
    return channel.type === 'smtp' ? { ...channel, from: channel.from } : channel
  })

const routeSchema: z.ZodType<AlertRouteConfig, AlertRouteInput> = z
  .strictObject({
    match: z
      .strictObject({
        severity: z
          .union([severitySchema, z.array(severitySchema).min(1).max(3)])
          .optional()
          .describe('One severity or a list. Default: all.'),
      })
      .prefault({})
      .describe('Which alerts take this route.'),
    to: z.array(textSchema('channel name', 'ops')).min(1).max(50).describe('Names of channels.'),
  })
  .transform(({ match, to }) => ({ severities: match.severity === undefined ? undefined : [match.severity].flat(), to }))

export const alertsSchema: z.ZodType<ParsedAlerts, AlertsInput> = z.strictObject({
  channels: z.record(nameSchema, channelSchema).prefault({}).describe('Ways to tell people, by name.'),
  routes: z
    .array(routeSchema)
    .max(limits.routes)
    .prefault([])
    .describe('Which alert goes where. Without routes every alert goes to every channel.'),
})

function readSigningSecret(text: string): Reading<string> {
  if ('key' in readSecret(text)) return { ok: true, value: text }
  return { ok: false, hint: 'write whsec_ and the base64 of 24 to 64 random bytes, as `openssl rand -base64 32` makes them' }
}

/** One address and nothing else: a line break would smuggle in a header. */
function readMailbox(text: string): Reading<string> {
  return parseMailbox(text) ? { ok: true, value: text.trim() } : { ok: false, hint: 'write ops@example.com or "Ops <ops@example.com>"' }
}
