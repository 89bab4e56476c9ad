import type { Clock, Logger } from '@hotspare/core'
import { LONGEST_DELAY_MS, optionsError } from '@hotspare/core'
import { z } from 'zod'
import { proxyDefaults } from './defaults.ts'
import type { TlsOptions } from './tls/options.ts'
import type { ErrorPages, PickTarget, StaleAnswers } from './types.ts'

export interface ProxyOptions {
  /** Chooses the target of each attempt. */
  readonly pick: PickTarget
  /** Address to listen on. Default: 127.0.0.1 */
  readonly host?: string | undefined
  /** Port to listen on; 0 takes a free one. */
  readonly port: number
  /** Tries per request, the first included. Default: 3 */
  readonly attempts?: number | undefined
  /** Until a target accepts a connection. Default: 2,000 */
  readonly connectTimeoutMs?: number | undefined
  /** From the request to the head of the answer. Default: 30,000 */
  readonly firstByteTimeoutMs?: number | undefined
  /** From the end of a request to the first byte of its answer that the client gets, over all attempts. Default: twice `firstByteTimeoutMs` */
  readonly answerTimeoutMs?: number | undefined
  /** Silence within an answer. Default: 60,000 */
  readonly idleTimeoutMs?: number | undefined
  /** Silence on a WebSocket. Default: 3,600,000 */
  readonly tunnelIdleTimeoutMs?: number | undefined
  /** How long an idle client connection is kept. Default: 75,000 */
  readonly keepAliveTimeoutMs?: number | undefined
  /** How long an idle target connection is kept. Default: 4,000 */
  readonly targetKeepAliveTimeoutMs?: number | undefined
  /** While stopping: how long open connections are still answered before listening ends. Default: 500 */
  readonly lameDuckMs?: number | undefined
  /** While stopping: how long requests may take to finish. Default: 30,000 */
  readonly drainTimeoutMs?: number | undefined
  /** Request bodies up to this size can be sent again. Default: 65,536 */
  readonly replayBytes?: number | undefined
  /** Answers up to this size are delivered whole or retried. Default: 65,536 */
  readonly bufferBytes?: number | undefined
  /** Largest head of a message. Default: 16,384 */
  readonly maxHeaderBytes?: number | undefined
  /** Largest body of a request; a larger one is answered 413. Default: 9,007,199,254,740,991, which is to say none */
  readonly maxBodyBytes?: number | undefined
  /** Until the head of a request is complete. Default: 30,000 */
  readonly headersTimeoutMs?: number | undefined
  /**
   * Of a body, sent or taken by a client: it is waited for no longer than `idleTimeoutMs` and what the bytes take at this rate.
   * Then a slow upload is answered with 408, and a slow reader's connection closed. 0 leaves only the limit on silence, for
   * uploads that pause for long. Default: 240
   */
  readonly minimumBytesPerSecond?: number | undefined
  /** Requests in progress. Default: 10,000 */
  readonly maxRequests?: number | undefined
  /** Open connections of clients, idle ones included. Default: 20,000 */
  readonly maxConnections?: number | undefined
  /** Connections to one target. Default: 1,024 */
  readonly maxConnectionsPerTarget?: number | undefined
  /** Requests that wait for a connection to one target; one more goes to another target, or is answered 503. Default: 1,024 */
  readonly maxWaitingPerTarget?: number | undefined
  /** Retries as a share of the requests of the last 10 s. Default: 0.2 */
  readonly retryRatio?: number | undefined
  /** Retries per second that are always allowed. Default: 10 */
  readonly minimumRetriesPerSecond?: number | undefined
  /** `replace` (default) believes no client's `X-Forwarded-*`; `append` is for a proxy behind a trusted one. */
  readonly forwarded?: 'replace' | 'append' | undefined
  /** TLS and HTTP/2 in front. Default: neither */
  readonly tls?: TlsOptions | undefined
  /** What clients see where the proxy itself says no, by status. Default: a line of text */
  readonly errorPages?: ErrorPages | undefined
  /** Keeps answers for the time when no target gives one: `createStaleStore` of `@hotspare/proxy/stale`. Default: nobody does */
  readonly stale?: StaleAnswers | undefined
  readonly clock?: Clock | undefined
  readonly logger?: Logger | undefined
}

/** The options that are more than numbers and words. */
type Parts = 'pick' | 'tls' | 'errorPages' | 'stale' | 'clock' | 'logger'

/** The options that are plain numbers and words, with their defaults filled in. */
export interface ProxySettings {
  readonly host: string
  readonly port: number
  readonly attempts: number
  readonly connectTimeoutMs: number
  readonly firstByteTimeoutMs: number
  readonly answerTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly tunnelIdleTimeoutMs: number
  readonly keepAliveTimeoutMs: number
  readonly targetKeepAliveTimeoutMs: number
  readonly lameDuckMs: number
  readonly drainTimeoutMs: number
  readonly replayBytes: number
  readonly bufferBytes: number
  readonly maxHeaderBytes: number
  readonly maxBodyBytes: number
  readonly headersTimeoutMs: number
  readonly minimumBytesPerSecond: number
  readonly maxRequests: number
  readonly maxConnections: number
  readonly maxConnectionsPerTarget: number
  readonly maxWaitingPerTarget: number
  readonly retryRatio: number
  readonly minimumRetriesPerSecond: number
  readonly forwarded: 'replace' | 'append'
}

const milliseconds = z.number().int().min(0).max(LONGEST_DELAY_MS)
const positiveMilliseconds = milliseconds.min(1)
const bytes = z.number().int().min(0)
const count = z.number().int().min(1)

export const proxySettingsSchema: z.ZodType<ProxySettings, Omit<ProxyOptions, Parts>> = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    port: z.number().int().min(0).max(65_535),
    attempts: count.max(10).default(proxyDefaults.attempts),
    connectTimeoutMs: positiveMilliseconds.default(proxyDefaults.connectTimeoutMs),
    firstByteTimeoutMs: positiveMilliseconds.default(proxyDefaults.firstByteTimeoutMs),
    answerTimeoutMs: positiveMilliseconds.optional(),
    idleTimeoutMs: positiveMilliseconds.default(proxyDefaults.idleTimeoutMs),
    tunnelIdleTimeoutMs: positiveMilliseconds.default(proxyDefaults.tunnelIdleTimeoutMs),
    keepAliveTimeoutMs: positiveMilliseconds.default(proxyDefaults.keepAliveTimeoutMs),
    targetKeepAliveTimeoutMs: positiveMilliseconds.default(proxyDefaults.targetKeepAliveTimeoutMs),
    lameDuckMs: milliseconds.default(proxyDefaults.lameDuckMs),
    drainTimeoutMs: milliseconds.default(proxyDefaults.drainTimeoutMs),
    replayBytes: bytes.default(proxyDefaults.replayBytes),
    bufferBytes: bytes.default(proxyDefaults.bufferBytes),
    maxHeaderBytes: bytes.min(1_024).default(proxyDefaults.maxHeaderBytes),
    maxBodyBytes: bytes.default(proxyDefaults.maxBodyBytes),
    headersTimeoutMs: positiveMilliseconds.default(proxyDefaults.headersTimeoutMs),
    minimumBytesPerSecond: z.number().int().min(0).default(proxyDefaults.minimumBytesPerSecond),
    maxRequests: count.default(proxyDefaults.maxRequests),
    maxConnections: count.default(proxyDefaults.maxConnections),
    maxConnectionsPerTarget: count.default(proxyDefaults.maxConnectionsPerTarget),
    maxWaitingPerTarget: z.number().int().min(0).default(proxyDefaults.maxWaitingPerTarget),
    retryRatio: z.number().min(0).max(1).default(proxyDefaults.retryRatio),
    minimumRetriesPerSecond: z.number().min(0).default(proxyDefaults.minimumRetriesPerSecond),
    forwarded: z.enum(['replace', 'append']).default('replace'),
  })
  // A second attempt gets its time, a third one what is left: who has waited that long has given up.
  .transform(({ answerTimeoutMs, ...rest }) => ({
    ...rest,
    answerTimeoutMs: answerTimeoutMs ?? Math.min(2 * rest.firstByteTimeoutMs, LONGEST_DELAY_MS),
  }))

/** @throws HotspareError `HOTSPARE_PROXY_OPTIONS` that names the option */
export function parseSettings(options: Omit<ProxyOptions, Parts>): ProxySettings {
  const parsed = proxySettingsSchema.safeParse(options)
  if (parsed.success) return Object.freeze(parsed.data)
  throw optionsError({ code: 'HOTSPARE_PROXY_OPTIONS', who: 'proxy', issues: parsed.error.issues })
}
