import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { FaultOptions, StandInFault } from '@hotspare/cloud/testing'
import type { DnsStandIn } from '../../testing/index.ts'

const UPDATE_OPCODE = 5
const SERVFAIL = 2

/** Of a signature without other data: the original id, the error and a length of none stand behind its last byte. */
const BEHIND_MAC = 6

/** Stands between a client and a real name server, TCP alone: counts what is asked, and breaks it when told to. */
export class DnsRelay implements DnsStandIn {
  readonly asked: string[] = []
  readonly objections: string[] = []
  hung = 0
  busy = 0
  port = 0
  readonly #upstreamPort: number
  readonly #server = createServer((client) => this.#serve(client))
  readonly #sockets = new Set<Socket>()
  readonly #faults: { readonly fault: StandInFault; readonly changes: boolean; times: number }[] = []
  #listener: (() => unknown) | undefined
  #spoilsSignatures = false

  constructor(upstreamPort: number) {
    this.#upstreamPort = upstreamPort
  }

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.port = (this.#server.address() as { port: number }).port
    return this
  }

  fail(fault: StandInFault, { times = 1, changes = false }: FaultOptions = {}): void {
    this.#faults.push({ fault, changes, times })
  }

  onChange(listener: (() => unknown) | undefined): void {
    this.#listener = listener
  }

  refuseCredentials(): void {
    this.#spoilsSignatures = true
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => void this.#server.close(resolve))
  }

  #serve(client: Socket): void {
    this.#sockets.add(client)
    client.on('error', () => {}).once('close', () => this.#sockets.delete(client))
    let waiting = Buffer.alloc(0)
    client.on('data', (chunk) => {
      waiting = Buffer.concat([waiting, chunk])
      const message = waiting.subarray(2, 2 + (waiting.length < 2 ? Infinity : waiting.readUInt16BE(0)))
      if (waiting.length < 2 || message.length < waiting.readUInt16BE(0)) return
      waiting = Buffer.alloc(0)
      this.#handle(Buffer.from(message), client).catch(() => client.destroy())
    })
  }

  async #handle(message: Buffer, client: Socket): Promise<void> {
    const changes = ((message.readUInt8(2) >> 3) & 0xf) === UPDATE_OPCODE
    this.asked.push(changes ? 'change' : 'question')
    const met = this.#faults.find((each) => each.times > 0 && each.changes === changes)
    if (met) met.times -= 1
    if (met && met.fault !== 'late-reset') return this.#break(met.fault, message, client)
    this.busy += 1
    try {
      if (changes) await this.#listener?.()
      if (this.#spoilsSignatures) {
        const at = message.length - BEHIND_MAC - 1
        message.writeUInt8(message.readUInt8(at) ^ 1, at)
      }
      const answer = await this.#ask(message)
      if (met) client.resetAndDestroy()
      else send(client, answer)
    } finally {
      this.busy -= 1
    }
  }

  #break(fault: StandInFault, message: Buffer, client: Socket): void {
    switch (fault) {
      case '500': {
        const answer = Buffer.from(message.subarray(0, 12))
        answer.writeUInt16BE((answer.readUInt16BE(2) & 0x78_00) | 0x80_00 | SERVFAIL, 2)
        answer.fill(0, 4)
        return send(client, answer)
      }
      case 'reset':
        client.write(Buffer.of(0, 200, 1, 2, 3))
        return void setTimeout(() => client.resetAndDestroy(), 5)
      case 'garbage':
        return send(client, Buffer.concat([message.subarray(0, 2), Buffer.from('no DNS at all')]))
      case 'huge':
        return send(client, Buffer.concat([message.subarray(0, 2), Buffer.alloc(65_000, 0xff)]))
      case 'hang':
      case 'limited':
      case 'late-reset':
      default:
        this.hung += 1
        return undefined
    }
  }

  async #ask(message: Buffer): Promise<Buffer> {
    const upstream = connect(this.#upstreamPort, '127.0.0.1')
    this.#sockets.add(upstream)
    try {
      send(upstream, message)
      let waiting = Buffer.alloc(0)
      for await (const chunk of upstream as AsyncIterable<Buffer>) {
        waiting = Buffer.concat([waiting, chunk])
        if (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) return waiting.subarray(2, 2 + waiting.readUInt16BE(0))
      }
      throw new Error('the server has not answered')
    } finally {
      this.#sockets.delete(upstream)
      upstream.destroy()
    }
  }
}

function send(socket: Socket, message: Buffer): void {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  socket.write(Buffer.concat([length, message]))
}
