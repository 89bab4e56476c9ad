import { type ChildProcess, execFile } from 'node:child_process'
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { delimiter, join } from 'node:path'
import { decodeMessage, encodeQuery, type GivenQuery, type Message } from '@hotspare/dns-wire'
import { onTestFinished } from 'vitest'
import {
  createDnsServer,
  type DnsServer,
  type DnsServerEvent,
  type DnsServerOptions,
  type ServedSet,
  type ServedZoneOptions,
} from '../server.ts'

export const HOST = '127.0.0.1'

export const set = (name: string, type: string, ...values: string[]): ServedSet => ({ name, type, ttlSeconds: 30, values })

export const exampleZone: ServedZoneOptions = {
  name: 'example.test',
  nameServers: ['ns1.example.test'],
  records: [
    set('ns1.example.test', 'A', HOST),
    set('www.example.test', 'A', '192.0.2.1', '192.0.2.2'),
    set('alias.example.test', 'CNAME', 'www.example.test'),
    set('*.wild.example.test', 'AAAA', '2001:db8::9'),
    set('example.test', 'MX', '10 mail.example.test'),
    set('big.example.test', 'TXT', ...Array.from({ length: 10 }, (_, index) => `${index} ${'x'.repeat(240)}`)),
  ],
}

export interface Running {
  readonly server: DnsServer
  readonly port: number
  readonly events: readonly DnsServerEvent[]
}

/** A server on loopback, for as long as the test runs. */
export async function startServer(options: Partial<DnsServerOptions> = {}): Promise<Running> {
  const server = createDnsServer({ zones: [exampleZone], listen: [{ address: HOST, port: 0 }], ...options })
  onTestFinished(() => server.stop())
  const events: DnsServerEvent[] = []
  server.subscribe((event) => events.push(event))
  await server.start()
  return { server, port: server.addresses[0]?.port ?? 0, events }
}

export function query(name: string, type = 'A', more: Partial<GivenQuery> = {}): Uint8Array {
  return encodeQuery({ id: 4_711, name, type, ...more })
}

/** A client of UDP that collects what comes. */
export async function udpClient(
  port: number,
): Promise<{ readonly socket: UdpSocket; readonly heard: Buffer[]; readonly ask: (bytes: Uint8Array) => Promise<Message> }> {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  const heard: Buffer[] = []
  socket.on('message', (bytes) => heard.push(bytes))
  socket.connect(port, HOST)
  await once(socket, 'connect')
  const ask = async (bytes: Uint8Array) => {
    const answered = once(socket, 'message')
    socket.send(bytes)
    const [answer] = (await answered) as [Buffer]
    return decodeMessage(answer)
  }
  return { socket, heard, ask }
}

/** With the length in front. */
export function framed(...messages: readonly Uint8Array[]): Buffer {
  return Buffer.concat(messages.flatMap((message) => [Buffer.of(message.length >>> 8, message.length & 0xff), message]))
}

/** A client of TCP. */
export class TcpClient {
  readonly socket: Socket
  #bytes = Buffer.alloc(0)
  isClosed = false

  #moved: (() => void) | undefined

  constructor(port: number) {
    this.socket = connect(port, HOST)
    onTestFinished(() => void this.socket.destroy())
    this.socket.on('data', (bytes) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes])
      this.#moved?.()
    })
    this.socket.on('error', () => {})
    this.socket.once('close', () => {
      this.isClosed = true
      this.#moved?.()
    })
  }

  /** @returns the next message */
  async next(): Promise<Message> {
    for (;;) {
      const length = this.#bytes.length >= 2 ? this.#bytes.readUInt16BE(0) : Infinity
      if (this.#bytes.length >= 2 + length) {
        const message = this.#bytes.subarray(2, 2 + length)
        this.#bytes = this.#bytes.subarray(2 + length)
        return decodeMessage(message)
      }
      if (this.isClosed) throw new Error('it was closed')
      await new Promise<void>((resolve) => (this.#moved = resolve))
    }
  }
}

const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/sbin']

/** @returns the path of a program of this machine, or undefined */
export function findProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** What a program has written, whatever it ended with. */
export function output(program: string, given: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, given, { timeout: 15_000 }, (_error, stdout, stderr) => resolve(`${stdout}${stderr}`))
  })
}

export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
