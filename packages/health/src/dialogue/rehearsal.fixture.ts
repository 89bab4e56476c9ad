import type { Finding } from '../failure.ts'
import { failed } from '../failure.ts'
import { Inbox } from './inbox.ts'
import type { Dialogue } from './moves.ts'

interface Rehearsal {
  readonly finding: Finding
  /** What the dialogue said, TLS included as `<TLS>`. */
  readonly said: string
  /** How often it wanted something. */
  readonly moves: number
}

/** Plays a dialogue against bytes that are all there from the start; past their end the connection is closed. */
export function rehearse(dialogue: Dialogue, bytes: string | Uint8Array): Rehearsal {
  const inbox = new Inbox()
  inbox.add(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  let said = ''
  let moves = 0
  const ended = (finding: Finding): Rehearsal => ({ finding, said, moves })
  for (let answer: Buffer = Buffer.alloc(0); ;) {
    const { done, value } = dialogue.next(answer)
    if (done) return ended(value)
    moves += 1
    answer = Buffer.alloc(0)
    if (value.type === 'end') return ended(value.finding)
    if (value.type === 'send') said += Buffer.from(value.bytes).toString('latin1')
    if (value.type === 'start-tls') said += '<TLS>'
    if (value.type === 'read') {
      const taken = inbox.take(value.cut, value.maxBytes)
      if (taken === 'more') return ended(failed('closed', `connection closed while waiting for ${value.what}`))
      if (taken === 'too-long') return ended(failed(value.tooLong ?? 'protocol', `${value.what} is too long`))
      answer = taken
    }
  }
}
