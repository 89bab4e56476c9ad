import { type Clock, errorText, withDeadline } from '@hotspare/core'
import { Agent, type Dispatcher, request } from 'undici'
import { alertDefaults } from './defaults.ts'
import { judgeHttpAnswer } from './http-outcome.ts'
import { parseOptions } from './parse-options.ts'
import { redactor } from './redact.ts'
import { readSecret, signWebhook, webhookId } from './standard-webhooks.ts'
import { oneLine } from './text.ts'
import type { Alert, Channel } from './types.ts'
import { type ResolvedWebhookChannelOptions, type WebhookChannelOptions, webhookChannelOptionsSchema } from './webhook-options.ts'

export { readSecret } from './standard-webhooks.ts'
export { headerNameProblem, headerValueProblem } from './webhook-headers.ts'
export { webhookChannelOptionsSchema } from './webhook-options.ts'
export type { ResolvedWebhookChannelOptions, WebhookChannelOptions } from './webhook-options.ts'

/** What a receiver finds in the body. Fields may be added within a version; none changes its meaning. */
export interface WebhookBody extends Alert {
  readonly version: 1
}

/**
 * Sends each alert as one POST of JSON with the headers of Standard Webhooks: `webhook-id` stays the same over retries,
 * `webhook-timestamp` is that of the attempt, and with a `secret` there is a `webhook-signature`.
 *
 * @throws HotspareError `HOTSPARE_ALERT_OPTIONS` when the options cannot work
 */
export function webhookChannel(options: WebhookChannelOptions): Channel {
  const resolved = parseOptions('webhook channel', webhookChannelOptionsSchema, options)
  const { name, secret, timeoutMs, clock } = resolved
  const target = readTarget(resolved)
  const read = secret === undefined ? undefined : readSecret(secret)
  const key = read && 'key' in read ? read.key : undefined
  const redact = redactor([...target.secrets, secret])
  // Alerts are rare and a connection that was kept may be dead by then: each gets a new one.
  const own = new Agent({ pipelining: 0, connect: { timeout: timeoutMs } })
  const dispatcher = resolved.dispatcher ?? own

  return {
    name,
    type: 'webhook',
    async send(alert, sendOptions) {
      try {
        const timestampSeconds = Math.floor(clock.wallMs() / 1_000)
        const { headers, body } = compose(alert, timestampSeconds, key)
        const call = (signal: AbortSignal) =>
          request(target.url, {
            method: 'POST',
            headers: { ...target.headers, ...headers },
            body,
            signal,
            dispatcher,
            headersTimeout: timeoutMs,
            bodyTimeout: timeoutMs,
          })
        const answer = await withDeadline(target.who, timeoutMs, call, { signal: sendOptions?.signal, clock })
        const retryAfter = [answer.headers['retry-after']].flat()[0]
        // Outside of the deadline: a receiver that has said yes is not asked again because it dawdles over its answer's body.
        await discard(answer.body, clock)
        return judgeHttpAnswer(target.who, answer.statusCode, retryAfter, clock.wallMs())
      } catch (error) {
        const text = oneLine(redact(errorText(error)))
        return { ok: false, retryable: true, reason: text.startsWith(target.who) ? text : `${target.who} failed: ${text}` }
      }
    },
    async close() {
      if (!own.destroyed) await own.destroy()
    },
  }
}

function compose(alert: Alert, timestampSeconds: number, key: Buffer | undefined): { headers: Record<string, string>; body: string } {
  const { id, key: about, status, type, severity, title, text, at, labels } = alert
  const content: WebhookBody = { version: 1, id, key: about, status, type, severity, title, text, at, labels }
  const body = JSON.stringify(content)
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'webhook-id': webhookId(id),
    'webhook-timestamp': String(timestampSeconds),
  }
  if (key) headers['webhook-signature'] = signWebhook({ id: webhookId(id), timestampSeconds, body, key })
  return { headers, body }
}

function basicAuth(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

interface Target {
  readonly url: URL
  /** The receiver as people may see it: path and query of a webhook are usually its password. */
  readonly who: string
  readonly headers: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
}

function readTarget({ url: text, headers }: ResolvedWebhookChannelOptions): Target {
  const url = new URL(text)
  const { origin, pathname, search, username, password } = url
  const basic = username || password ? basicAuth(decodeURIComponent(username), decodeURIComponent(password)) : undefined
  url.username = ''
  url.password = ''
  url.hash = ''
  return {
    url,
    who: `POST to ${origin}`,
    headers: { 'user-agent': 'hotspare-alert', ...(basic && { authorization: basic }), ...headers },
    secrets: [
      text,
      `${pathname}${search}`,
      pathname === '/' ? '' : pathname,
      search,
      password,
      basic ?? '',
      ...Object.values(headers).flatMap(withParts),
    ],
  }
}

/** A header's value and the words in it: of `Bearer abcd` an error may repeat `abcd` alone. */
function withParts(value: string): readonly string[] {
  return [value, ...value.split(/\s+/).filter((word) => word.length >= 4)]
}

/** Reads and forgets a little of the answer, so that the receiver is not cut off while it writes `ok`. The status has decided. */
async function discard(body: Dispatcher.ResponseData['body'], clock: Clock): Promise<void> {
  const { responseDrainBytes, responseDrainMs } = alertDefaults
  body.on('error', () => {})
  try {
    await withDeadline('answer', responseDrainMs, (signal) => body.dump({ limit: responseDrainBytes, signal }), { clock })
  } catch {
    // Too slow or broken off: no matter.
  }
}
