import { type Clock, type Logger, LONGEST_DELAY_MS, optionsError } from '@hotspare/core'
import { z } from 'zod'
import { tcpProxyDefaults } from './defaults.ts'
import type { PickTcpTarget } from './types.ts'

export interface TcpProxyOptions {
  /** Chooses the target of each attempt. */
  readonly pick: PickTcpTarget
  /** Address to listen on. Default: 127.0.0.1 */
  readonly host?: string | undefined
  /** Port to listen on; 0 takes a free one. */
  readonly port: number
  /** Targets that are tried for one connection, the first included. Default: 3 */
  readonly attempts?: number | undefined
  /** Until a target accepts a connection. Default: 2,000 */
  readonly connectTimeoutMs?: number | undefined
  /** Until one target has been connected: waiting for picks, and all attempts together. Default: 10,000 */
  readonly openTimeoutMs?: number | undefined
  /** With `readServerName`: until the client's hello is complete. Default: 5,000 */
  readonly helloTimeoutMs?: number | undefined
  /** Silence both ways. Default: 3,600,000 */
  readonly idleTimeoutMs?: number | undefined
  /** Silence once one side is done and the other is not. Default: 60,000 */
  readonly halfCloseTimeoutMs?: number | undefined
  /** While stopping: how long connections may take to end. Default: 30,000 */
  readonly drainTimeoutMs?: number | undefined
  /** How long a side is silent before its kernel is asked whether it is still there (TCP keep-alive); 0 never asks. Default: 60,000 */
  readonly keepAliveMs?: number | undefined
  /** Open connections of clients. Default: 20,000 */
  readonly maxConnections?: number | undefined
  /** Connections to one target. Default: 1,024 */
  readonly maxConnectionsPerTarget?: number | undefined
  /** Retries as a share of the connections of the last 10 s. Default: 0.2 */
  readonly retryRatio?: number | undefined
  /** Retries per second that are always allowed. Default: 10 */
  readonly minimumRetriesPerSecond?: number | undefined
  /** Tells the target who the client is, with the header of HAProxy's PROXY protocol. The target must expect it. Default: no header */
  readonly proxyProtocol?: 'v1' | 'v2' | undefined
  /** Reads the name and the protocols that the client's TLS asks for; a client that does not begin with TLS is refused. Default: false */
  readonly readServerName?: boolean | undefined
  /** Whether `abandon` also resets established connections. Default: false */
  readonly closeOnDown?: boolean | undefined
  readonly clock?: Clock | undefined
  readonly logger?: Logger | undefined
}

/** The options that are plain values, with their defaults filled in. */
export interface TcpProxySettings {
  readonly host: string
  readonly port: number
  readonly attempts: number
  readonly connectTimeoutMs: number
  readonly openTimeoutMs: number
  readonly helloTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly halfCloseTimeoutMs: number
  readonly drainTimeoutMs: number
  readonly keepAliveMs: number
  readonly maxConnections: number
  readonly maxConnectionsPerTarget: number
  readonly retryRatio: number
  readonly minimumRetriesPerSecond: number
  readonly proxyProtocol: 'v1' | 'v2' | undefined
  readonly readServerName: boolean
  readonly closeOnDown: boolean
}

type TcpProxySettingsInput = Omit<TcpProxyOptions, 'pick' | 'clock' | 'logger'>

const milliseconds = z.number().int().min(0).max(LONGEST_DELAY_MS)
const positiveMilliseconds = milliseconds.min(1)
const count = z.number().int().min(1)

export const tcpProxySettingsSchema: z.ZodType<TcpProxySettings, TcpProxySettingsInput> = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    port: z.number().int().min(0).max(65_535),
    attempts: count.max(10).default(tcpProxyDefaults.attempts),
    connectTimeoutMs: positiveMilliseconds.default(tcpProxyDefaults.connectTimeoutMs),
    openTimeoutMs: positiveMilliseconds.default(tcpProxyDefaults.openTimeoutMs),
    helloTimeoutMs: positiveMilliseconds.default(tcpProxyDefaults.helloTimeoutMs),
    idleTimeoutMs: positiveMilliseconds.default(tcpProxyDefaults.idleTimeoutMs),
    halfCloseTimeoutMs: positiveMilliseconds.default(tcpProxyDefaults.halfCloseTimeoutMs),
    drainTimeoutMs: milliseconds.default(tcpProxyDefaults.drainTimeoutMs),
    keepAliveMs: milliseconds.default(tcpProxyDefaults.keepAliveMs),
    maxConnections: count.default(tcpProxyDefaults.maxConnections),
    maxConnectionsPerTarget: count.default(tcpProxyDefaults.maxConnectionsPerTarget),
    retryRatio: z.number().min(0).max(1).default(tcpProxyDefaults.retryRatio),
    minimumRetriesPerSecond: z.number().min(0).default(tcpProxyDefaults.minimumRetriesPerSecond),
    proxyProtocol: z.enum(['v1', 'v2']).optional(),
    readServerName: z.boolean().default(false),
    closeOnDown: z.boolean().default(false),
  })
  .transform(({ proxyProtocol, ...rest }) => ({ ...rest, proxyProtocol }))

/** @throws HotspareError `HOTSPARE_PROXY_OPTIONS` that names the option */
export function parseTcpSettings(options: TcpProxySettingsInput): TcpProxySettings {
  const parsed = tcpProxySettingsSchema.safeParse(options)
  if (parsed.success) return Object.freeze(parsed.data)
  throw optionsError({ code: 'HOTSPARE_PROXY_OPTIONS', who: 'tcp proxy', issues: parsed.error.issues })
}
