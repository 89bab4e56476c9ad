import { isIP } from 'node:net'
import type { Clock, Random, Timer } from '@hotspare/core'
import { serverDefaults } from './defaults.ts'
import type { DnsServerEvent } from './events.ts'
import type { Secondary } from './options.ts'
import { CLASS_IN, HEADER_BYTES, QR, TYPE } from './protocol.ts'
import { u16 } from './question.ts'
import { wireName } from './wire-name.ts'
import type { ZoneImage } from './zone-image.ts'

const OPCODE_NOTIFY = 4 << 3
const AA_BIT = 0x04

export interface NotifierOptions {
  readonly clock: Clock
  readonly random: Random
  readonly emit: (event: DnsServerEvent) => void
  readonly onConfirmed: (zone: string, by: Secondary) => void
  /** By UDP, from an address of ours: secondaries look at where it comes from. */
  readonly send: (bytes: Uint8Array, to: Secondary) => void
}

/** One secondary that has to learn of one version of a zone. */
interface Pending {
  readonly image: ZoneImage
  readonly to: Secondary
  readonly message: Uint8Array
  readonly id: number
  attempts: number
  timer: Timer | undefined
}

/** Tells secondaries that a zone has changed (RFC 1996), again and again until they confirm it or the attempts are used up. */
export class Notifier {
  readonly #options: NotifierOptions
  /** By zone and secondary: a newer version takes the place of one that was not confirmed. */
  readonly #pending = new Map<string, Pending>()

  constructor(options: NotifierOptions) {
    this.#options = options
  }

  announce(image: ZoneImage, secondaries: readonly Secondary[]): void {
    for (const to of secondaries) {
      const key = keyOf(image.zone, to.address, to.port)
      this.#pending.get(key)?.timer?.cancel()
      const id = Math.floor(this.#options.random.next() * 0x1_0000)
      const pending: Pending = { image, to, id, message: notifyMessage(id, image), attempts: 0, timer: undefined }
      this.#pending.set(key, pending)
      this.#tell(key, pending)
    }
  }

  /** Takes an answer of a secondary; anything else is ignored. */
  hear(bytes: Uint8Array, from: { readonly address: string; readonly port: number }): void {
    if (this.#pending.size === 0 || bytes.length < HEADER_BYTES) return
    if ((bytes[2]! & QR) === 0 || (bytes[2]! & 0x78) !== OPCODE_NOTIFY) return
    for (const [key, pending] of this.#pending) {
      const { to, id, image, timer } = pending
      if (to.address !== from.address || to.port !== from.port || u16(bytes, 0) !== id) continue
      timer?.cancel()
      this.#pending.delete(key)
      const rcode = bytes[3]! & 0x0f
      if (rcode === 0) {
        this.#options.emit({ type: 'secondary-notified', ...this.#about(image, to) })
        this.#options.onConfirmed(image.zone, to)
      } else this.#options.emit({ type: 'secondary-unreached', ...this.#about(image, to), because: `it answered with code ${rcode}` })
      return
    }
  }

  stop(): void {
    for (const { timer } of this.#pending.values()) timer?.cancel()
    this.#pending.clear()
  }

  #tell(key: string, pending: Pending): void {
    const { clock, send, emit } = this.#options
    const { notifyAttempts, notifyFirstMs } = serverDefaults
    if (pending.attempts >= notifyAttempts) {
      this.#pending.delete(key)
      return emit({
        type: 'secondary-unreached',
        ...this.#about(pending.image, pending.to),
        because: `no answer to ${notifyAttempts} messages`,
      })
    }
    send(pending.message, pending.to)
    pending.timer = clock.schedule(notifyFirstMs * 2 ** pending.attempts, () => this.#tell(key, pending), { unref: true })
    pending.attempts += 1
  }

  #about({ zone, serial }: ZoneImage, { address, port }: Secondary) {
    const secondary = isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`
    return { at: this.#options.clock.wallMs(), zone, serial, secondary }
  }
}

function keyOf(zone: string, address: string, port: number): string {
  return `${zone} ${address} ${port}`
}

/** With the SOA as a hint, so that a secondary need not ask for it. RFC 1996, 3.7. */
function notifyMessage(id: number, { zone, ownSoa }: ZoneImage): Uint8Array {
  const name = wireName(zone)
  const message = new Uint8Array(HEADER_BYTES + name.length + 5 + ownSoa.bytes.length)
  message.set([id >>> 8, id & 0xff, OPCODE_NOTIFY | AA_BIT, 0, 0, 1, 0, 1])
  message.set(name, HEADER_BYTES)
  message.set([0, 0, TYPE.SOA, 0, CLASS_IN], HEADER_BYTES + name.length)
  message.set(ownSoa.bytes, HEADER_BYTES + name.length + 5)
  return message
}
