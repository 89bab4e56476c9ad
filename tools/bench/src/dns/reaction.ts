import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { HotspareError, sleep, systemClock } from '@hotspare/core'
import { decodeMessage, encodeQuery, presentValue } from '@hotspare/dns-wire'

/** Between two looks at what is answered. */
const LOOK_EVERY_MS = 1
const PATIENCE_MS = 15_000

/** Asks a server for one name, again and again. */
export class Watcher {
  readonly #socket = createSocket('udp4')
  readonly #name: string
  #address: string | undefined
  #id = 0

  constructor(name: string) {
    this.#name = name
  }

  async open(port: number): Promise<void> {
    this.#socket.on('message', (bytes) => {
      const [record] = decodeMessage(bytes).answers
      if (record) this.#address = presentValue(record.type, record.data)
    })
    // A server that is not there any more.
    this.#socket.on('error', () => {})
    this.#socket.connect(port, '127.0.0.1')
    await once(this.#socket, 'connect')
  }

  close(): void {
    this.#socket.close()
  }

  /**
   * @param begin makes the address another one
   * @returns how long it took until that was answered, in milliseconds
   * @throws HotspareError `HOTSPARE_BENCH_LOAD` when it never was
   */
  async timeUntil(address: string, begin: () => Promise<void>, signal: AbortSignal): Promise<number> {
    this.#address = undefined
    const startMs = systemClock.monotonicMs()
    await begin()
    for (;;) {
      this.#id = (this.#id + 1) & 0xffff
      this.#socket.send(encodeQuery({ id: this.#id, name: this.#name, type: 'A' }))
      await Promise.race([once(this.#socket, 'message', { signal }), sleep(LOOK_EVERY_MS * 20, { signal })])
      const tookMs = systemClock.monotonicMs() - startMs
      if (this.#address === address) return tookMs
      if (tookMs > PATIENCE_MS)
        throw new HotspareError({ code: 'HOTSPARE_BENCH_LOAD', message: `bench: ${this.#name} never became ${address}` })
      await sleep(LOOK_EVERY_MS, { signal })
    }
  }
}
