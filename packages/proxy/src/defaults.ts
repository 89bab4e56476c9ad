import type { ProxySettings } from './options.ts'

type ProxyDefaults = Readonly<Omit<ProxySettings, 'host' | 'port' | 'answerTimeoutMs' | 'forwarded'>>

/** Each number with its reason. Times in milliseconds, sizes in bytes. */
export const proxyDefaults: ProxyDefaults = Object.freeze({
  /** The first try and two more: with two spares, one that is dead and one that dies meanwhile are survived. */
  attempts: 3,
  /** A machine in the same data centre answers a SYN within a millisecond; one lost SYN is repeated by Linux after 1 s. */
  connectTimeoutMs: 2_000,
  /** Slow pages are the application's business; a dead target is found by its health long before this. */
  firstByteTimeoutMs: 30_000,
  /** Silence within an answer, either way. As nginx's proxy_read_timeout. */
  idleTimeoutMs: 60_000,
  /** Silence on a WebSocket. As the `timeout tunnel` of HAProxy's manual. */
  tunnelIdleTimeoutMs: 3_600_000,
  /** Longer than the usual client or front proxy keeps a connection, so that it closes first and no request is lost in the crossing. */
  keepAliveTimeoutMs: 75_000,
  /** Below the 5 s after which a Node origin closes an idle connection, for the same reason. */
  targetKeepAliveTimeoutMs: 4_000,
  /** How long a stopping proxy still answers on open connections, each with `Connection: close`, before it stops listening. */
  lameDuckMs: 500,
  /** How long a stopping proxy lets requests finish. */
  drainTimeoutMs: 30_000,
  /** Request bodies up to this size are kept and can be sent again. As nginx's and HAProxy's buffers, four times over. */
  replayBytes: 65_536,
  /** Answers up to this size go to the client only when they are whole, so that a target that dies in the middle costs a retry and not an error. */
  bufferBytes: 65_536,
  /** Of one message, either way. Node's own default. */
  maxHeaderBytes: 16_384,
  /** None: bodies flow through and take no memory, and what is too large the application alone knows. */
  maxBodyBytes: Number.MAX_SAFE_INTEGER,
  /** From the connection, or the last answer's end, to the end of a request's head. A head fits into one packet or two. */
  headersTimeoutMs: 30_000,
  /** Of a body, either way, beside `idleTimeoutMs`; the floor of IIS and of Kestrel. Whoever is slower holds a request, and gets nowhere. */
  minimumBytesPerSecond: 240,
  /** Requests in progress; past it the answer is 503. Some 20 KiB each, and up to 128 KiB more while a body or an answer is kept. */
  maxRequests: 10_000,
  /** Open connections of clients, idle ones included; a further one is closed at once. Some 16 KiB each when idle. */
  maxConnections: 20_000,
  /** Connections to one target. A request past it waits for a free one. */
  maxConnectionsPerTarget: 1_024,
  /** Requests that wait for one target. As many as may be under way there, as Envoy's `max_pending_requests`: whoever comes later would wait for two turns. */
  maxWaitingPerTarget: 1_024,
  /** Retries as a share of requests over 10 s, and the floor per second. Finagle's numbers. */
  retryRatio: 0.2,
  minimumRetriesPerSecond: 10,
})
