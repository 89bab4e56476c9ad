import type { AwsKeys } from '@hotspare/cloud/aws'
import { assertNever, type Clock, errorText, withDeadline } from '@hotspare/core'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { readBoundedFile } from '../bounded-file.ts'
import { exchange, jsonOf } from '../http-exchange.ts'
import { s3Defaults } from './defaults.ts'
import type { S3Credentials } from './options.ts'

/** Gives the key of the moment. One at a time is got, and goes on when the call that needed it has been given up. */
export interface KeySource {
  /** @throws Error when there is none, and none can be got */
  current(): Promise<AwsKeys>
  /** The store says that this one is over. */
  expire(key: AwsKeys): void
}

interface KnownKey {
  readonly key: AwsKeys
  /** By the monotonic clock; undefined for one without an end. */
  readonly endsAtMs: number | undefined
}

export function keySource(options: {
  readonly credentials: S3Credentials
  readonly clock: Clock
  readonly dispatcher: Dispatcher
  readonly signal: AbortSignal
}): KeySource {
  const { credentials, clock, dispatcher, signal: closing } = options
  let known: KnownKey | undefined
  let getting: Promise<KnownKey> | undefined
  let triedAtMs = Number.NEGATIVE_INFINITY

  function renew(): Promise<KnownKey> {
    if (getting) return getting
    triedAtMs = clock.monotonicMs()
    const work = (signal: AbortSignal) => fetchKey(credentials, { clock, dispatcher, signal })
    const started = withDeadline('credentials', s3Defaults.credentialsMs, work, { signal: closing, clock })
      .then((found) => (known = found))
      .finally(() => (getting = undefined))
    // Whoever waits hears of a failure; perhaps nobody waits any more.
    started.catch(() => {})
    getting = started
    return started
  }

  return {
    async current() {
      if (credentials.type === 'static') return credentials
      const now = clock.monotonicMs()
      const leftMs = known === undefined ? 0 : (known.endsAtMs ?? Infinity) - now
      if (known && leftMs > s3Defaults.renewBeforeMs) return known.key
      // One that still works is used while the next is on its way.
      if (known && leftMs > 0) {
        if (now - triedAtMs >= s3Defaults.renewRetryMs) void renew().catch(() => {})
        return known.key
      }
      return (await renew()).key
    },
    expire(key) {
      if (known?.key === key) known = undefined
    },
  }
}

interface Asking {
  readonly clock: Clock
  readonly dispatcher: Dispatcher
  readonly signal: AbortSignal
}

const METADATA = 'http://169.254.169.254'
const ROLES = '/latest/meta-data/iam/security-credentials/'
/** Seconds that a session with the metadata service lasts: it is opened anew each time, so the least that is of use. */
const SESSION_SECONDS = '60'

const keySchema = z.object({
  AccessKeyId: z.string().min(1),
  SecretAccessKey: z.string().min(1),
  Token: z.string().min(1).optional(),
  Expiration: z.iso.datetime({ offset: true }).optional(),
})

async function fetchKey(credentials: S3Credentials, asking: Asking): Promise<KnownKey> {
  switch (credentials.type) {
    case 'static':
      return { key: credentials, endsAtMs: undefined }
    case 'instance':
      return fromInstance(credentials.url ?? METADATA, asking)
    case 'container':
      return fromContainer(credentials.url, credentials.tokenFile, asking)
    default:
      return assertNever(credentials)
  }
}

/** IMDSv2: a session first, which a request that was talked out of a program cannot open. */
async function fromInstance(url: string, asking: Asking): Promise<KnownKey> {
  const session = await fetchText('PUT', `${url}/latest/api/token`, { 'x-aws-ec2-metadata-token-ttl-seconds': SESSION_SECONDS }, asking)
  const headers = { 'x-aws-ec2-metadata-token': headerOf(session) }
  const [role = ''] = (await fetchText('GET', `${url}${ROLES}`, headers, asking)).split('\n')
  if (!/^[\w+=,.@-]{1,128}$/.test(role)) throw new Error('credentials: this machine has no role')
  return readKey(await fetchText('GET', `${url}${ROLES}${role}`, headers, asking), asking.clock)
}

async function fromContainer(url: string, tokenFile: string | undefined, asking: Asking): Promise<KnownKey> {
  const token = tokenFile === undefined ? undefined : headerOf(await readBoundedFile(tokenFile, s3Defaults.maxCredentialBytes))
  return readKey(await fetchText('GET', url, token === undefined ? {} : { authorization: token }, asking), asking.clock)
}

function headerOf(text: string): string {
  const value = text.trim()
  if (!/^[\x21-\x7e]{1,8192}$/.test(value)) throw new Error('credentials: the token for them is no token')
  return value
}

/** Its failures repeat nothing of an answer: that may be a key. */
async function fetchText(method: 'GET' | 'PUT', url: string, headers: Record<string, string>, asking: Asking): Promise<string> {
  const { dispatcher, signal } = asking
  const maxAnswerBytes = s3Defaults.maxCredentialBytes
  try {
    const { status, text } = await exchange({ method, url, headers, signal, dispatcher, maxAnswerBytes })
    if (status !== 200) throw new Error(`status ${status}`)
    return text
  } catch (error) {
    throw new Error(`credentials: ${new URL(url).host}: ${errorText(error)}`, { cause: error })
  }
}

/** Its end is told by the wall clock, and counted from now by the monotonic one. */
function readKey(text: string, clock: Clock): KnownKey {
  const parsed = keySchema.safeParse(jsonOf(text))
  if (!parsed.success) throw new Error('credentials: the answer is none')
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = parsed.data
  const leftMs = Expiration === undefined ? undefined : Date.parse(Expiration) - clock.wallMs()
  return {
    key: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token },
    endsAtMs: leftMs === undefined ? undefined : clock.monotonicMs() + leftMs,
  }
}
