import type { TcpProxySettings } from './options.ts'

type TcpProxyDefaults = Readonly<Omit<TcpProxySettings, 'host' | 'port' | 'proxyProtocol' | 'readServerName' | 'closeOnDown'>>

/** Each number with its reason. Times in milliseconds. */
export const tcpProxyDefaults: TcpProxyDefaults = Object.freeze({
  /** The first try and two more, as for requests. */
  attempts: 3,
  /** A machine in the same data centre answers a SYN within a millisecond; one lost SYN is repeated by Linux after 1 s. */
  connectTimeoutMs: 2_000,
  /** All three tries, and some time to wait for a pick. */
  openTimeoutMs: 10_000,
  /** A hello is sent with the connection; a lost packet or two are repeated within this. */
  helloTimeoutMs: 5_000,
  /** Connections of a database pool rest for long. As the `timeout tunnel` of HAProxy's manual. */
  idleTimeoutMs: 3_600_000,
  /** Who has said all waits for one answer: as long as for the silence within an answer over HTTP. */
  halfCloseTimeoutMs: 60_000,
  /** How long a stopping proxy lets connections end by themselves. */
  drainTimeoutMs: 30_000,
  /** A client whose machine has died holds a target's connection no longer than this and ten probes, a second apart. */
  keepAliveMs: 60_000,
  /** Some 10 KiB each. A further one is closed at once. */
  maxConnections: 20_000,
  /** As for requests; a connection past it goes to another target. */
  maxConnectionsPerTarget: 1_024,
  /** Retries as a share of connections over 10 s, and the floor per second. Finagle's numbers. */
  retryRatio: 0.2,
  minimumRetriesPerSecond: 10,
})
