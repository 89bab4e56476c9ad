import type { Duplex } from 'node:stream'
import { abortReason } from '@hotspare/core'
import pg from 'pg'
import { postgresDefaults } from '../defaults.ts'
import { refusedError } from '../errors.ts'
import { PostgresFrames } from './frames.ts'
import type { PostgresTarget } from './options.ts'

/** What the server said to one message. */
export interface PostgresAnswer {
  readonly results: readonly pg.QueryResult[]
  /** A warning that came with it. */
  readonly warning: string | undefined
}

/** SQLSTATE 01000. */
const WARNING = '01000'

/** Columns stay the texts that the server sent: the parsers of `pg` are global, and anybody may have changed them. */
const RAW: pg.CustomTypesConfig = { getTypeParser: () => (value: unknown) => value }

/** One connection. It is used by one call at a time, and never again once anything went wrong with it. */
export class PostgresSession {
  readonly target: PostgresTarget
  readonly #client: pg.Client
  readonly #connection: pg.Connection
  #state: 'new' | 'open' | 'broken' = 'new'

  constructor(target: PostgresTarget) {
    const { host, port, user, password, database } = target
    this.target = target
    // A copy, because pg changes what it is given.
    const ssl = target.tls ? { ...target.tls } : false
    this.#connection = guarded(new pg.Connection({ ssl, keepAlive: true, keepAliveInitialDelayMillis: postgresDefaults.keepAliveMs }))
    const config = {
      connection: this.#connection,
      host,
      port,
      user,
      database,
      ssl,
      sslnegotiation: 'postgres' as const,
      // A function is asked only when the server asks; with none, pg would look into the environment and ~/.pgpass.
      password: () => {
        if (password === undefined) throw refusedError(`postgres at ${host}`, 'it asks for a password, and none is set')
        return password
      },
    }
    this.#client = new pg.Client(config)
    // Nothing else: poolers refuse settings here, and pg would take some from the environment.
    Reflect.set(this.#client, 'getStartupConf', () => ({ user, database, application_name: 'hotspare' }))
    const broken = () => void (this.#state = 'broken')
    this.#client.on('error', broken)
    this.#client.on('end', broken)
  }

  get usable(): boolean {
    return this.#state === 'open'
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.#until(signal, () => this.#client.connect())
    if (this.#state === 'new') this.#state = 'open'
  }

  /** Sends `sql` as one message. When the signal aborts first, the connection is cut and the outcome unknown. */
  async run(sql: string, signal: AbortSignal): Promise<PostgresAnswer> {
    let warning: string | undefined
    const onNotice = (notice: { readonly code?: string | undefined; readonly message?: string | undefined }) => {
      if (notice.code === WARNING) warning = notice.message
    }
    this.#client.on('notice', onNotice)
    try {
      const results = await this.#until(signal, () => this.#client.query({ text: sql, types: RAW }))
      return { results: [results].flat(), warning }
    } finally {
      this.#client.off('notice', onNotice)
    }
  }

  /** Cuts the connection, whatever it is doing. */
  destroy(): void {
    this.#state = 'broken'
    this.#connection.stream.destroy()
  }

  async #until<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (signal.aborted) throw abortReason(signal)
    const cut = () => this.destroy()
    signal.addEventListener('abort', cut, { once: true })
    try {
      return await work()
    } finally {
      signal.removeEventListener('abort', cut)
    }
  }
}

/**
 * Puts {@link PostgresFrames} between the socket, or TLS on it, and the parser of `pg`; and what that throws at a message
 * that makes no sense ends the connection, where it would end the process.
 */
function guarded(connection: pg.Connection): pg.Connection {
  const attach: unknown = Reflect.get(connection, 'attachListeners')
  if (typeof attach !== 'function') throw new TypeError('this version of pg is not known')
  Reflect.set(connection, 'attachListeners', (stream: Duplex) => {
    const frames = new PostgresFrames()
    const source = {
      on(event: string, listener: (...values: unknown[]) => void) {
        if (event !== 'data') return stream.on(event, listener)
        return stream.on('data', (chunk: Buffer) => {
          try {
            if (!stream.destroyed) listener(frames.push(chunk))
          } catch (error) {
            stream.destroy(error instanceof Error ? error : new Error(String(error)))
          }
        })
      },
    }
    Reflect.apply(attach, connection, [source])
  })
  return connection
}
