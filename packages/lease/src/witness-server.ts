import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { finished } from 'node:stream/promises'
import { errorText, HotspareError, withDeadline } from '@hotspare/core'
import { witnessDefaults } from './defaults.ts'
import { parseOptions } from './parse-options.ts'
import { openWitnessDisk, type WitnessDisk } from './witness/disk.ts'
import { answerRequest, type WitnessCall, type WitnessContext, type WitnessFailure } from './witness/handler.ts'
import { boundedServer, listen, one, readBody, refuse } from './witness/http.ts'
import { type ResolvedWitnessOptions, type WitnessOptions, witnessOptionsSchema } from './witness/options.ts'
import { HEALTH_PATH, KEY_HEADER, MAC_HEADER, NONCE_HEADER } from './witness/protocol.ts'
import { witnessKey } from './witness/secret.ts'
import { WitnessStore } from './witness/store.ts'

export type { WitnessFailure } from './witness/handler.ts'
export { witnessOptionsSchema } from './witness/options.ts'
export type { ResolvedWitnessOptions, WitnessOptions, WitnessTlsOptions } from './witness/options.ts'
export type { WitnessSecret } from './witness/secret.ts'

/** What a witness has done since it was made. */
export interface WitnessStats {
  /** Records that it keeps. */
  readonly leases: number
  readonly reads: number
  readonly swaps: number
  /** Swaps that found something else. */
  readonly mismatches: number
  /** Writes of the file, each for one swap or several. */
  readonly writes: number
  /** Whether the last write failed: the file may have the content before or after it until a write succeeds. */
  readonly fileInDoubt: boolean
  /** Requests that failed, by reason. */
  readonly failures: Readonly<Partial<Record<WitnessFailure, number>>>
}

/** A register for leases, served over HTTP; made by {@link createWitness}. */
export interface Witness extends AsyncDisposable {
  /**
   * Opens the file and listens. A second call has no effect.
   *
   * @throws HotspareError `HOTSPARE_LEASE_WITNESS_FILE` when the file is damaged, in use or cannot be written;
   * `HOTSPARE_LEASE_WITNESS_LISTEN` when the address is in use, not ours, or not allowed;
   * `HOTSPARE_LEASE_WITNESS_STOPPED` after `stop`
   */
  start(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /**
   * Ends listening, answers what waits for the disk, closes every connection, and lets go of the file. The signal ends
   * the waiting.
   */
  stop(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** Where it listens; undefined before `start` and after `stop`. */
  readonly address: { readonly host: string; readonly port: number } | undefined
  stats(): WitnessStats
}

/**
 * A compare-and-swap register over HTTP with its records in one small file, for a third machine beside two nodes. It is
 * only asked; it decides nothing. An answer that says `swapped` is on the disk. The protocol stands in
 * `witness-protocol.ts`.
 *
 * The file must never go back in time. When it was lost, start empty and with a new secret, since recorded requests
 * could be played to it: every lease is lost then, and granted anew after its ttl. Never put an old copy in its place.
 *
 * @throws HotspareError `HOTSPARE_LEASE_OPTIONS`
 */
export function createWitness(options: WitnessOptions): Witness {
  return new HttpWitness(parseOptions('witness', witnessOptionsSchema, options))
}

/** What there is between `start` and `stop`. */
interface Running {
  readonly disk: WitnessDisk
  readonly store: WitnessStore
  readonly server: Server
}

class HttpWitness implements Witness {
  readonly #options: ResolvedWitnessOptions
  readonly #failures: Partial<Record<WitnessFailure, number>> = {}
  readonly #calls: Record<WitnessCall, number> = { reads: 0, swaps: 0, mismatches: 0 }
  /** Requests that are not answered yet. */
  readonly #active = new Set<Promise<void>>()
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  #running: Running | undefined

  constructor(options: ResolvedWitnessOptions) {
    this.#options = options
  }

  get address(): { readonly host: string; readonly port: number } | undefined {
    const address = this.#running?.server.address()
    return typeof address === 'object' && address !== null ? { host: address.address, port: address.port } : undefined
  }

  stats(): WitnessStats {
    const { size = 0, writes = 0, inDoubt = false } = this.#running?.store ?? {}
    return { leases: size, ...this.#calls, writes, fileInDoubt: inDoubt, failures: { ...this.#failures } }
  }

  async start(options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    options?.signal?.throwIfAborted()
    if (this.#stopping) {
      throw new HotspareError({ code: 'HOTSPARE_LEASE_WITNESS_STOPPED', message: 'witness: start after stop: create a new one' })
    }
    this.#starting ??= this.#open(options?.signal)
    try {
      await this.#starting
    } catch (error) {
      // What was wrong may be mended: the next call tries again.
      this.#starting = undefined
      throw error
    }
  }

  stop(options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    this.#stopping ??= this.#close(options?.signal)
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #open(signal: AbortSignal | undefined): Promise<void> {
    const { file, listen: where, maxLeases, writeTimeoutMs, clock, logger } = this.#options
    const opening = openWitnessDisk(file)
    try {
      const disk = await withDeadline(`witness: ${file}`, writeTimeoutMs, () => opening, { signal, clock })
      if (!disk.existed) {
        const hint = 'if this witness has served before, its file was lost: give it a new secret'
        logger.warn({ file }, `the witness begins without any record: ${hint}`)
      }
      const { records } = disk
      const write: WitnessDisk['write'] = (next) => disk.write(next)
      const store = new WitnessStore({ records, write, maxLeases, maxWaiting: witnessDefaults.maxWaitingSwaps, logger })
      const context = this.#context(store)
      const server = boundedServer(
        this.#options,
        (request, response) => this.#serve(context, request, response),
        (failure) => this.#count(failure),
      )
      await listen(server, where)
      server.on('error', (error) => logger.error({ error: errorText(error) }, 'the listening socket of the witness failed'))
      this.#running = { disk, store, server }
    } catch (error) {
      // Also where it opens only after the deadline.
      opening.then(
        (disk) => disk.close(),
        () => {},
      )
      throw error
    }
    logger.info({ ...this.address, file, leases: this.stats().leases }, 'the witness listens')
  }

  #context(store: WitnessStore): WitnessContext {
    const { secrets, writeTimeoutMs, clock } = this.#options
    const keys = new Map(secrets.map(witnessKey).map((key) => [key.id, key]))
    return { store, keys, writeTimeoutMs, clock, count: (call) => void (this.#calls[call] += 1) }
  }

  #serve(context: WitnessContext, request: IncomingMessage, response: ServerResponse): void {
    if (request.url === HEALTH_PATH && (request.method === 'GET' || request.method === 'HEAD')) {
      return void response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 3 }).end('ok\n')
    }
    const answered = this.#answer(context, request, response).catch((error: unknown) => {
      this.#options.logger.error({ error: errorText(error) }, 'the witness could not answer')
      response.destroy()
    })
    this.#active.add(answered)
    void answered.finally(() => this.#active.delete(answered))
  }

  async #answer(context: WitnessContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    if (typeof body === 'string') {
      this.#count(body)
      return body === 'body-too-large' ? refuse(response, 413) : void response.destroy()
    }
    const { method = '', url: path = '', headers } = request
    const signed = { key: one(headers[KEY_HEADER]), nonce: one(headers[NONCE_HEADER]), mac: one(headers[MAC_HEADER]) }
    const answer = await answerRequest(context, { method, path, ...signed, body })
    if (answer.failure) this.#count(answer.failure)
    if (answer.mac === undefined) return refuse(response, answer.status)
    const kind = { 'content-type': 'application/json', 'content-length': answer.body.length, 'cache-control': 'no-store' }
    response.writeHead(answer.status, { ...kind, [MAC_HEADER]: answer.mac }).end(answer.body)
    // One that has gone meanwhile is no fault of ours.
    await finished(response).catch(() => {})
  }

  #count(failure: WitnessFailure): void {
    this.#failures[failure] = (this.#failures[failure] ?? 0) + 1
    this.#options.logger.debug({ failure }, 'the witness refused a request')
  }

  async #close(signal: AbortSignal | undefined): Promise<void> {
    await this.#starting?.catch(() => {})
    if (!this.#running) return
    const { disk, store, server } = this.#running
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    await this.#wait('a request is not answered yet', () => Promise.all([store.idle(), ...this.#active]), signal)
    server.closeAllConnections()
    await closed
    // Not before the last write: it would undo what the next owner of the file has written.
    const released = store.idle().then(() => disk.close())
    await this.#wait('the disk hangs, and its file stays locked until the write ends', () => released, signal)
  }

  async #wait(otherwise: string, work: () => Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
    const { writeTimeoutMs, clock, logger } = this.#options
    await withDeadline('witness: stop', writeTimeoutMs, work, { signal, clock }).catch((error: unknown) => {
      logger.warn({ error: errorText(error) }, `the witness stops: ${otherwise}`)
    })
  }
}
