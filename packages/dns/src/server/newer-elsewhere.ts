import { type Clock, errorText, type Logger } from '@hotspare/core'
import { createDnsClient } from '@hotspare/dns-wire/client'
import type { Secondary } from './options.ts'
import { isNewerSerial } from '../serial.ts'

/** For one question, with the attempts of the client within it, in milliseconds. */
const ASK_MS = 3_000

export interface NewerElsewhereOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** Of the version that is served. */
  readonly serialOf: (zone: string) => number
  /** A secondary has a serial that is newer than ours. */
  readonly onNewer: (zone: string, serial: number) => void
}

/**
 * Finds secondaries that have a newer serial than we do, and so would take nothing from us any more (RFC 1996, 4.7): a process before
 * this one has changed the zone more often than once a second, or its clock was ahead. Each is asked once, when it has first answered us.
 */
export class NewerElsewhere {
  readonly #options: NewerElsewhereOptions
  readonly #asked = new Set<string>()
  readonly #stopping = new AbortController()

  constructor(options: NewerElsewhereOptions) {
    this.#options = options
  }

  /** It has answered, and so can be asked. */
  heard(zone: string, from: Secondary): void {
    const key = `${zone} ${from.address} ${from.port}`
    if (this.#asked.has(key)) return
    this.#asked.add(key)
    this.#ask(zone, from).catch((error: unknown) => {
      // Asked again when it answers the next time.
      this.#asked.delete(key)
      if (this.#stopping.signal.aborted) return
      const { address } = from
      this.#options.logger.debug({ secondary: address, zone, error: errorText(error) }, 'the serial of a secondary is not known')
    })
  }

  stop(): void {
    this.#stopping.abort(new Error('it was stopped'))
  }

  async #ask(zone: string, server: Secondary): Promise<void> {
    const { clock, serialOf, onNewer } = this.#options
    const { signal } = this.#stopping
    const client = createDnsClient({ server, timeoutMs: ASK_MS, clock })
    const { message } = await client.query({ name: zone, type: 'SOA' }, { signal })
    for (const { name, data } of message.answers) {
      if (name === zone && data.kind === 'SOA' && isNewerSerial(data.serial, serialOf(zone))) onNewer(zone, data.serial)
    }
  }
}
