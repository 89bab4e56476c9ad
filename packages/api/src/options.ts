import { type Clock, HotspareError, systemClock } from '@hotspare/core'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { apiDefaults } from './defaults.ts'

export interface ClientOptions {
  /** `http://127.0.0.1:7400` */
  readonly url: string
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string | undefined
  /** For one answer, in milliseconds; for events, until the stream opens. Default: 5,000 */
  readonly timeoutMs?: number | undefined
  /** Of undici; for connections of your own. */
  readonly dispatcher?: Dispatcher | undefined
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
}

export interface ResolvedClientOptions {
  /** Without a slash at its end. */
  readonly url: string
  readonly token: string | undefined
  readonly timeoutMs: number
  readonly dispatcher: Dispatcher | undefined
  readonly clock: Clock
}

/** The longest delay that a timer of Node keeps. */
const LONGEST_MS = 2_147_483_647

const clientOptionsSchema: z.ZodType<ResolvedClientOptions, ClientOptions> = z
  .strictObject({
    url: z
      .string()
      .refine(isBaseUrl, 'expected a URL like http://127.0.0.1:7400, without user, password, query or fragment')
      .transform((url) => url.replace(/\/+$/, '')),
    // What the daemon's configuration takes for a token.
    token: z
      .string()
      .regex(/^[\x21-\x7e]+$/, 'expected visible ASCII characters without spaces or line breaks')
      .optional(),
    timeoutMs: z.int().min(1).max(LONGEST_MS).default(apiDefaults.timeoutMs),
    dispatcher: z.custom<Dispatcher>((value) => hasMethod(value, 'dispatch'), 'expected a Dispatcher of undici').optional(),
    clock: z.custom<Clock>((value) => hasMethod(value, 'schedule'), 'expected a Clock').default(systemClock),
  })
  .transform(({ token, dispatcher, ...rest }) => ({ ...rest, token, dispatcher }))

/** @throws HotspareError `HOTSPARE_API_OPTIONS` that names the options and never their values, which may be secrets */
export function parseOptions(options: ClientOptions): ResolvedClientOptions {
  const parsed = clientOptionsSchema.safeParse(options)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => [...path.map(String), message].join(': '))
  throw new HotspareError({ code: 'HOTSPARE_API_OPTIONS', message: `api client: ${issues.join('; ')}` })
}

function isBaseUrl(text: string): boolean {
  const url = /^https?:\/\//i.test(text) ? URL.parse(text) : null
  return url !== null && url.username === '' && url.password === '' && !/[?#]/.test(text)
}

function hasMethod(value: unknown, method: string): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, method) === 'function'
}
