import type { Socket } from 'node:net'
import { assertNever } from '@hotspare/core'
import { type ConnectionTarget, type ConnectionTls, earlyEnd, openConnection, upgradeConnection } from '../connection.ts'
import { describeFailure, failed, type Finding } from '../failure.ts'
import type { ProbeRun } from '../run-probe.ts'
import { Inbox } from './inbox.ts'
import type { Dialogue, ReadMove } from './moves.ts'

/** Where a dialogue takes place. `tls` in the target means TLS from the first byte on. */
export interface Venue {
  readonly target: ConnectionTarget
  /** How TLS is spoken once the dialogue starts it. */
  readonly startTls?: ConnectionTls | undefined
}

const NOTHING: Buffer = Buffer.alloc(0)

/** Plays `dialogue` against a server, on a connection of its own that is gone afterwards. */
export async function converse(venue: Venue, run: ProbeRun, dialogue: Dialogue): Promise<Finding> {
  const connection = new Connection(run)
  try {
    await connection.open(venue.target)
    return await play(dialogue, connection, venue)
  } catch (error) {
    return connection.describe(error)
  } finally {
    connection.close()
  }
}

async function play(dialogue: Dialogue, connection: Connection, { target, startTls }: Venue): Promise<Finding> {
  for (let answer = NOTHING; ;) {
    const { done, value } = dialogue.next(answer)
    if (done) {
      connection.assertWhole()
      return value
    }
    answer = NOTHING
    switch (value.type) {
      case 'send':
        await connection.send(value.bytes, { farewell: value.farewell ?? false })
        break
      case 'read': {
        const bytes = await connection.read(value)
        if (bytes === 'too-long')
          return failed(value.tooLong ?? 'protocol', `${value.what} is not within the first ${value.maxBytes} bytes`)
        answer = bytes
        break
      }
      case 'start-tls':
        connection.assertWhole()
        // Whoever stands in between could have put in words of its own, to be taken for the server's (CVE-2011-0411).
        if (connection.unread > 0) return failed('protocol', 'the server spoke on in the clear after it had agreed to TLS')
        await connection.upgrade({ ...target, tls: startTls ?? {} })
        break
      case 'end':
        return value.finding
      default:
        return assertNever(value)
    }
  }
}

/** A socket that is only read from when somebody waits: what nobody asks for stays in the kernel. */
class Connection {
  readonly #run: ProbeRun
  readonly #sockets: Socket[] = []
  readonly #inbox = new Inbox()
  #answered = false
  #busyWith = ''
  #trouble: Error | undefined

  constructor(run: ProbeRun) {
    this.#run = run
  }

  get unread(): number {
    return this.#inbox.length
  }

  async open(target: ConnectionTarget): Promise<void> {
    this.#sockets.push(await openConnection(target, this.#run))
  }

  async upgrade(target: ConnectionTarget): Promise<void> {
    this.#busyWith = 'agreeing on TLS'
    this.#sockets.push(await upgradeConnection(this.#socket(), target, this.#run))
  }

  /** What the server said before it hung up is still to be read, and may say why: so a failure shows later. */
  async send(bytes: Uint8Array, { farewell }: { readonly farewell: boolean }): Promise<void> {
    this.#note('sending')
    const socket = this.#socket()
    const trouble = await until(socket, (done) => socket.write(bytes, (error) => done(error ?? undefined)))
    if (!farewell) this.#trouble ??= trouble
  }

  async read(move: ReadMove): Promise<Buffer | 'too-long'> {
    this.#note(`waiting for ${move.what}`)
    const socket = this.#socket()
    for (;;) {
      const taken = this.#inbox.take(move.cut, move.maxBytes)
      if (taken !== 'more') return taken
      const chunk: unknown = socket.read()
      if (Buffer.isBuffer(chunk)) this.#receive(chunk)
      else if (this.#trouble) throw this.#trouble
      else this.#trouble = await until(socket, (done) => onceReadable(socket, done))
    }
  }

  /** @throws why something that was sent did not go out */
  assertWhole(): void {
    if (this.#trouble) throw this.#trouble
  }

  close(): void {
    if (this.#answered) this.#run.ended('transfer')
    // The one inside of the other first.
    for (const socket of this.#sockets.toReversed()) socket.destroy()
  }

  describe(error: unknown): Finding {
    const finding = describeFailure(error)
    if (this.#busyWith === '' || finding.outcome !== 'fail') return finding
    const { reason } = finding
    return reason === 'closed' || reason === 'reset' ? failed(reason, `connection ${reason} while ${this.#busyWith}`) : finding
  }

  #receive(chunk: Buffer): void {
    if (!this.#answered) this.#run.ended('first-byte')
    this.#answered = true
    this.#inbox.add(chunk)
  }

  #note(what: string): void {
    this.#busyWith = what
    this.#run.phase = what
  }

  #socket(): Socket {
    const socket = this.#sockets.at(-1)
    if (!socket) throw new TypeError('a dialogue before its connection')
    return socket
  }
}

type Done = (trouble?: Error) => void

function onceReadable(socket: Socket, done: Done): () => void {
  const readable = () => done()
  socket.once('readable', readable)
  return () => socket.off('readable', readable)
}

/**
 * Waits for what `begin` announces, or for the end of the connection; leaves no listener.
 *
 * @returns what went wrong
 */
function until(socket: Socket, begin: (done: Done) => unknown): Promise<Error | undefined> {
  return new Promise((resolve) => {
    let forget: unknown
    const settle: Done = (trouble) => {
      socket.off('error', settle).off('end', closed).off('close', closed)
      if (typeof forget === 'function') forget()
      resolve(trouble)
    }
    const closed = () => settle(socket.errored ?? earlyEnd())
    if (socket.destroyed || socket.readableEnded) return closed()
    socket.once('error', settle).once('end', closed).once('close', closed)
    forget = begin(settle)
  })
}
