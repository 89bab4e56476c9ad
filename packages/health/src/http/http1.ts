import type { Socket } from 'node:net'
import type { ProbeRun } from '../run-probe.ts'
import type { AnswerEnd, AnswerJudge } from './answer-judge.ts'
import { AnswerReader } from './answer-reader.ts'
import { follower } from './follower.ts'

interface Http1Question {
  readonly method: string
  /** The request up to its body, a character for a byte. */
  readonly text: string
  readonly body: Buffer | undefined
  readonly maxHeaderBytes: number
}

/** Asks over a connection that is open, plain or TLS. The connection is gone when it settles. */
export function askHttp1(socket: Socket, question: Http1Question, judge: AnswerJudge, run: ProbeRun): Promise<AnswerEnd> {
  const { method, text, body, maxHeaderBytes } = question
  return new Promise((resolve) => {
    const reader = new AnswerReader({ method, maxHeaderBytes, sink: judge })
    const look = follower(judge, run, (end) => {
      socket.destroy()
      resolve(end)
    })
    const broken = (error?: unknown) => {
      judge.broken(error)
      look()
    }
    socket.on('data', (chunk: Buffer) => {
      reader.add(chunk)
      look()
    })
    socket.once('end', () => {
      if (!reader.end()) judge.broken()
      look()
    })
    // Stays for good: a connection may report an error after it was given up.
    socket.on('error', broken)
    socket.once('close', () => broken())
    socket.write(text, 'latin1')
    if (body) socket.write(body)
  })
}
