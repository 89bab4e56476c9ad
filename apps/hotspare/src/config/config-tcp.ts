/** What a proxy has that hands bytes on as they come (`mode: tcp`), besides what all proxies have. */
export interface TcpConfig {
  /** Until a client's TLS has said which server it wants. */
  readonly helloMs: number
  /** Silence once one side is done and the other is not. */
  readonly halfCloseMs: number
  /** Tells targets who the client is; undefined: they see the proxy. */
  readonly proxyProtocol: 'v1' | 'v2' | undefined
  /** Which pool clients get by the name that their TLS asks for; where there are any, every client must speak TLS. */
  readonly serverNames: readonly ServerNameConfig[]
  /** Whether established connections to a target that goes down are reset. */
  readonly closeOnDown: boolean
}

export interface ServerNameConfig {
  /** `db.example.org`, or `*.example.org` for every name below. In lower case. */
  readonly name: string
  readonly pool: string
}
