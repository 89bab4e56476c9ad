import type { Duplex } from 'node:stream'

interface Message {
  readonly bytes: Buffer
  readonly onDone: () => void
}

/**
 * What goes out over one connection. Messages are handed to the socket as it takes them: handed over all at once they would
 * become one write, which is done or not, and nobody could tell a slow reader from one that does not read.
 */
export class Outbox {
  readonly #socket: Duplex
  #held: Message[] = []
  #heldBytes = 0
  /** Of messages that the kernel has not taken yet, those that the socket has included. */
  readonly #undone = new Set<() => void>()
  #moved = true

  constructor(socket: Duplex) {
    this.#socket = socket
    socket.on('drain', () => this.#pump())
    socket.once('close', () => {
      this.#takeAll()
      for (const onDone of this.#undone) onDone()
      this.#undone.clear()
    })
  }

  /** All that the kernel has not taken yet. */
  get waitingBytes(): number {
    return this.#heldBytes + this.#socket.writableLength
  }

  /** Past all that waits for its turn: for signs of life. */
  sendNow(bytes: Buffer): void {
    this.#write({ bytes, onDone: () => {} })
  }

  /** In turn. Resolves when the kernel has it, or when the connection is closed. */
  send(bytes: Buffer): Promise<void> {
    return new Promise((onDone) => {
      if (!this.#socket.writable) return onDone()
      if (this.waitingBytes === 0) this.#moved = true
      this.#undone.add(onDone)
      this.#held.push({ bytes, onDone })
      this.#heldBytes += bytes.length
      this.#pump()
    })
  }

  /** @returns whether something waits and nothing of it has left since this was asked last */
  isStuck(): boolean {
    const stuck = this.waitingBytes > 0 && !this.#moved
    this.#moved = false
    return stuck
  }

  /** Hands everything to the socket, before its last word. */
  flush(): void {
    for (const message of this.#takeAll()) this.#write(message)
  }

  #pump(): void {
    while (!this.#socket.writableNeedDrain) {
      const next = this.#held.shift()
      if (!next) return
      this.#heldBytes -= next.bytes.length
      this.#write(next)
    }
  }

  #takeAll(): readonly Message[] {
    const all = this.#held
    this.#held = []
    this.#heldBytes = 0
    return all
  }

  #write({ bytes, onDone }: Message): void {
    if (!this.#socket.writable) return
    if (this.waitingBytes === 0) this.#moved = true
    this.#socket.write(bytes, () => {
      this.#moved = true
      this.#undone.delete(onDone)
      onDone()
    })
  }
}
