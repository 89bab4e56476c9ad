import type { Clock, Logger, Random } from '@hotspare/core'
import { optionsError } from '@hotspare/core'
import { z } from 'zod'
import { parseAddress, type SocketAddress } from '../address.ts'
import { channelDefaults } from './defaults.ts'
import { clusterSecrets, type ClusterSecret, milliseconds, MOST_PEERS, nodeName, session } from '../schema-parts.ts'
import { FRAME_TEXT, type ProtocolRange } from './frame.ts'

/** Another node of the cluster. */
export interface ChannelPeer {
  readonly name: string
  /** Where its channel listens: `10.0.0.2:7401` or `[fd00::2]:7401`. */
  readonly address: string
}

/** What a handler knows of a request besides its body. */
export interface PeerRequestContext {
  /** The node that asks, proven by the secret. */
  readonly peer: string
  readonly session: string
  /** The version that both nodes speak. */
  readonly protocol: number
  /** Aborts at the request's deadline, when it is cancelled, and when its connection is lost. */
  readonly signal: AbortSignal
}

/**
 * Answers one method. `body` is whatever JSON the peer sent, to be parsed by the handler; what it resolves to is sent back
 * as JSON. An error that it throws reaches the peer as its message, cut short, with `code` and `retryable` of a HotspareError.
 */
export type PeerHandler = (body: unknown, context: PeerRequestContext) => Promise<unknown>

/** The limits that {@link PeerChannelOptions} may change; each default with its reason is in {@link channelDefaults}. */
export interface PeerChannelLimits {
  /** Silence after which a connection is pinged. Default: 1,000 */
  readonly pingIntervalMs?: number | undefined
  /** Silence after which a connection is closed. Default: 3,000 */
  readonly silenceMs?: number | undefined
  /** From dialling, or being dialled, to a connection that can be used; each half of it has this long. Default: 2,000 */
  readonly handshakeTimeoutMs?: number | undefined
  /** How long a request may take that does not say so itself. Default: 5,000 */
  readonly requestTimeoutMs?: number | undefined
  /** The longest that a peer may let one of our handlers run. Default: 600,000 */
  readonly maxRequestMs?: number | undefined
  /** Of one message, each way. Default: 262,144 */
  readonly maxFrameBytes?: number | undefined
  /** Of requests that wait to be sent on one connection; answers wait beside them, at most `maxRequests`. Default: 1,048,576 */
  readonly maxQueueBytes?: number | undefined
  /** Requests in flight with one peer, each way: until the answer has come, and until it has left. Default: 64 */
  readonly maxRequests?: number | undefined
  /** Connections at a time that have not proven the secret yet. Default: 64 */
  readonly maxUnauthenticated?: number | undefined
  /** Upper bound of the first delay before dialling again. Default: 50 */
  readonly reconnectBaseMs?: number | undefined
  /** Upper bound of every delay before dialling again. Default: 1,000 */
  readonly reconnectCapMs?: number | undefined
  /** How long `stop()` may take. Default: 500 */
  readonly stopTimeoutMs?: number | undefined
}

export interface PeerChannelOptions extends PeerChannelLimits {
  /** Our name, as the peers' configuration has it. */
  readonly node: string
  /** Names this process; the heartbeat gets the same. 16 hex digits. Default: random */
  readonly session?: string | undefined
  /** Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number }
  /** All other nodes, at least one. */
  readonly peers: readonly ChannelPeer[]
  /**
   * The secrets of the cluster. The first is used to dial, all are accepted. To change it without a gap: add the new one
   * behind the old one on every node, then put it first on every node, then take the old one away. While the channel runs, by
   * `replaceSecrets()`.
   */
  readonly secrets: readonly ClusterSecret[]
  /** Of the configuration that all nodes should share; 1 to 128 characters. */
  readonly fingerprint: string
  /** Versions of what is said over the channel. Default: 1, and nothing older */
  readonly protocol?: ProtocolRange | undefined
  /** What peers may ask, by method. */
  readonly handlers?: Readonly<Record<string, PeerHandler>> | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  readonly logger?: Logger | undefined
}

/** Parsed, with the defaults filled in. */
export interface ChannelSettings extends Readonly<Record<keyof PeerChannelLimits, number>> {
  readonly node: string
  readonly session?: string | undefined
  readonly listen: { readonly host: string; readonly port: number }
  readonly peers: readonly { readonly name: string; readonly address: SocketAddress }[]
  readonly secrets: readonly ClusterSecret[]
  readonly fingerprint: string
  readonly protocol: ProtocolRange
}

type PlainOptions = Omit<PeerChannelOptions, 'handlers' | 'clock' | 'random' | 'logger'>

const version = z.int().min(0).max(1_000_000)

const address = z.string().transform((text, context): SocketAddress => {
  const parsed = parseAddress(text)
  if (parsed && parsed.port > 0) return parsed
  context.addIssue('expected an IP address and a port, like 10.0.0.2:7401 or [fd00::2]:7401')
  return z.NEVER
})

const channelSettingsSchema: z.ZodType<ChannelSettings, PlainOptions> = z
  .strictObject({
    node: nodeName,
    session: session.optional(),
    listen: z.strictObject({ host: z.string().min(1), port: z.int().min(0).max(65_535) }),
    // An empty list is a mistake of the configuration: taken for "I am alone", it makes two nodes act at once.
    peers: z
      .array(z.strictObject({ name: nodeName, address }))
      .min(1)
      .max(MOST_PEERS),
    secrets: clusterSecrets,
    fingerprint: z.string().min(1).max(FRAME_TEXT.fingerprint),
    protocol: z.strictObject({ current: version, oldest: version }).default({ current: 1, oldest: 1 }),
    pingIntervalMs: milliseconds.default(channelDefaults.pingIntervalMs),
    silenceMs: milliseconds.default(channelDefaults.silenceMs),
    handshakeTimeoutMs: milliseconds.default(channelDefaults.handshakeTimeoutMs),
    requestTimeoutMs: milliseconds.default(channelDefaults.requestTimeoutMs),
    maxRequestMs: milliseconds.default(channelDefaults.maxRequestMs),
    maxFrameBytes: z.int().min(1_024).max(16_777_216).default(channelDefaults.maxFrameBytes),
    // Sixteen of the largest messages that there can be.
    maxQueueBytes: z.int().min(2_048).max(268_435_456).default(channelDefaults.maxQueueBytes),
    maxRequests: z.int().min(1).max(10_000).default(channelDefaults.maxRequests),
    // Each newcomer beyond it looks through all.
    maxUnauthenticated: z.int().min(1).max(1_024).default(channelDefaults.maxUnauthenticated),
    reconnectBaseMs: milliseconds.default(channelDefaults.reconnectBaseMs),
    reconnectCapMs: milliseconds.default(channelDefaults.reconnectCapMs),
    stopTimeoutMs: milliseconds.default(channelDefaults.stopTimeoutMs),
  })
  .superRefine((settings, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    const names = settings.peers.map((peer) => peer.name)
    if (names.includes(settings.node)) issue('peers', `${settings.node} is this node itself`)
    if (new Set(names).size < names.length) issue('peers', 'each name only once')
    if (settings.protocol.oldest > settings.protocol.current) issue('protocol', 'oldest is newer than current')
    if (settings.silenceMs < 2 * settings.pingIntervalMs) issue('silenceMs', 'shorter than two pingIntervalMs: no ping could be answered')
    if (settings.maxQueueBytes < 2 * settings.maxFrameBytes) issue('maxQueueBytes', 'less than two of maxFrameBytes')
  })

/** @throws HotspareError `HOTSPARE_HEARTBEAT_CHANNEL_OPTIONS` that names the option and holds no secret */
export function parseChannelOptions(options: PlainOptions): ChannelSettings {
  return Object.freeze(parse('peer channel', channelSettingsSchema, options))
}

/** @throws HotspareError `HOTSPARE_HEARTBEAT_CHANNEL_OPTIONS` that holds no secret */
export function parseSecrets(secrets: readonly ClusterSecret[]): readonly ClusterSecret[] {
  return parse('peer channel: secrets', clusterSecrets, secrets)
}

const requestSchema = z.object({ method: z.string().min(1).max(FRAME_TEXT.method), timeoutMs: milliseconds })

/** @throws HotspareError `HOTSPARE_HEARTBEAT_CHANNEL_OPTIONS` for what the peer would take for garbage */
export function checkRequest(peer: string, request: { readonly method: string; readonly timeoutMs: number }): void {
  parse(`peer channel: request to ${peer}`, requestSchema, request)
}

function parse<Output>(who: string, schema: z.ZodType<Output>, options: unknown): Output {
  const parsed = schema.safeParse(options)
  if (parsed.success) return parsed.data
  throw optionsError({ code: 'HOTSPARE_HEARTBEAT_CHANNEL_OPTIONS', who, issues: parsed.error.issues })
}
