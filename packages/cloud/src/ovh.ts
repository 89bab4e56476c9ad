import { createHash } from 'node:crypto'
import type { Clock } from '@hotspare/core'
import type { z } from 'zod'
import type { CloudCredentials, CloudRequest, CloudWays } from './cloud-http.ts'
import { Granted } from './credentials.ts'
import { CloudError, type CloudFault } from './errors.ts'
import { type CloudAnswer, fetchText } from './fetch-text.ts'
import { parseJson } from './json-text.ts'
import { textAt } from './reading.ts'
import { secretPart } from './schema-parts.ts'

/** An application that was given rights by somebody. */
export interface OvhKeys {
  readonly applicationKey: string
  readonly applicationSecret: string
  /** What the rights hang on. */
  readonly consumerKey: string
}

/** The keys of options that say who asks. */
export const ovhKeyParts: Readonly<Record<keyof OvhKeys, z.ZodString>> = {
  applicationKey: secretPart,
  applicationSecret: secretPart,
  consumerKey: secretPart,
}

export interface OvhCredentialsOptions extends OvhKeys {
  readonly who: string
  /** `https://eu.api.ovh.com/1.0`, whose clock is asked. */
  readonly endpoint: string
  readonly ways: CloudWays
  readonly clock: Clock
}

/** How long a comparison with the server's clock is believed, in milliseconds. */
const TIME_MS = 3_600_000

const FAULTS: Readonly<Record<string, CloudFault>> = {
  INVALID_CREDENTIAL: 'credentials',
  INVALID_KEY: 'credentials',
  INVALID_SIGNATURE: 'credentials',
  NOT_CREDENTIAL: 'credentials',
  QUERY_TIME_OUT: 'unavailable',
}

/** What a refusal of OVHcloud says; a fault where its code has one of its own. */
export function ovhComplaint({ text }: Pick<CloudAnswer, 'text'>): {
  readonly code: string | undefined
  readonly message: string | undefined
  readonly fault: CloudFault | undefined
} {
  const said = parseJson(text)
  const code = textAt(said, 'errorCode')
  return { code, message: textAt(said, 'message'), fault: FAULTS[code ?? ''] }
}

/** The clocks have drifted apart: signatures that are too old are refused. */
export function isOvhStale(answer: Pick<CloudAnswer, 'text'>): boolean {
  return textAt(parseJson(answer.text), 'errorCode') === 'QUERY_TIME_OUT'
}

/** `$1$` and the SHA-1 of secrets, request and time, by the server's clock. (OVHcloud: First steps with the API.) */
export function ovhSignature(parts: {
  readonly applicationSecret: string
  readonly consumerKey: string
  readonly method: CloudRequest['method']
  readonly url: string
  readonly body: string
  readonly timestamp: number
}): string {
  const { applicationSecret, consumerKey, method, url, body, timestamp } = parts
  const signed = [applicationSecret, consumerKey, method, url, body, timestamp].join('+')
  return `$1$${createHash('sha1').update(signed).digest('hex')}`
}

/** Signs requests with an application's keys, in the time of the server. */
export function ovhCredentials(options: OvhCredentialsOptions): CloudCredentials {
  const { who, applicationKey, applicationSecret, consumerKey, endpoint, clock, ways } = options
  const ahead = new Granted(async (signal) => {
    const url = new URL(`${endpoint}/auth/time`)
    const { status, text } = await fetchText({ url, request: { method: 'GET' }, signal, dispatcher: ways.out })
    const seconds = Number(text)
    if (status !== 200 || !(Number.isSafeInteger(seconds) && seconds > 0)) {
      throw new CloudError({ who, fault: 'unavailable', why: `${status}, and no time` })
    }
    return { value: seconds - Math.floor(clock.wallMs() / 1_000), lastsMs: TIME_MS }
  }, clock)
  return {
    async headers({ method, url, body = '' }, signal) {
      const timestamp = Math.floor(clock.wallMs() / 1_000) + (await ahead.get(signal))
      const signature = ovhSignature({ applicationSecret, consumerKey, method, url: url.href, body, timestamp })
      return {
        'x-ovh-application': applicationKey,
        'x-ovh-consumer': consumerKey,
        'x-ovh-timestamp': String(timestamp),
        'x-ovh-signature': signature,
      }
    },
    forget() {
      ahead.forget(() => true)
      return true
    },
    secrets: () => [applicationSecret, consumerKey],
  }
}
