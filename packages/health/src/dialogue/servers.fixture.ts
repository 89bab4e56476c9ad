import { createServer, type Socket } from 'node:net'
import { type LoopbackServer, loopbackServer } from '../testing/index.ts'

/** What a well server says when it is connected to, and to whatever matches. */
export interface Lines {
  readonly greeting?: string
  readonly replies?: readonly (readonly [asked: RegExp, answer: string])[]
}

const mysqlPayload = `\n8.4.3\0\u0001\0\0\0saltsalt\0\u00FF\u00F7!\u0002\0\u00FF\u0081\u0015${'\0'.repeat(10)}saltsaltsalt\0caching_sha2_password\0`
const mysqlGreeting = `${String.fromCodePoint(mysqlPayload.length)}\0\0\0${mysqlPayload}`

/** Just enough of each protocol for a probe to be content. */
export const wellServers: Readonly<Record<string, Lines>> = {
  smtp: { greeting: '220 mail.example ESMTP\r\n', replies: [[/^EHLO /, '250-mail.example\r\n250 HELP\r\n']] },
  imap: { greeting: '* OK ready\r\n' },
  pop3: { greeting: '+OK ready\r\n' },
  ftp: { greeting: '220 ready\r\n' },
  ssh: { greeting: 'SSH-2.0-Example\r\n' },
  memcached: { replies: [[/^version/, 'VERSION 1.6.18\r\n']] },
  redis: { replies: [[/PING/, '+PONG\r\n']] },
  mysql: { greeting: mysqlGreeting },
  postgres: { replies: [[/./s, 'N']] },
  script: { greeting: 'hello\r\n' },
}

/** A server that speaks by `lines`; everything it says goes through `utter`. */
export function lineServer(
  { greeting = '', replies = [] }: Lines,
  utter: (socket: Socket, bytes: Buffer) => void = whole,
): Promise<LoopbackServer> {
  return loopbackServer(
    createServer((socket) => {
      if (greeting !== '') utter(socket, Buffer.from(greeting, 'latin1'))
      socket.on('data', (data) => {
        const answer = replies.find(([asked]) => asked.test(data.toString('latin1')))?.[1]
        if (answer !== undefined) utter(socket, Buffer.from(answer, 'latin1'))
      })
    }),
  )
}

function whole(socket: Socket, bytes: Buffer): void {
  socket.write(bytes)
}
