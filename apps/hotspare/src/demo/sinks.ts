import { createServer } from 'node:http'
import type { Server } from 'node:net'
import { BoundedHistory } from '@hotspare/core'
import { SMTPServer } from 'smtp-server'
import { z } from 'zod'

/** Where the demo's alerts arrive: a real SMTP server and a real webhook receiver, on free ports of loopback. */
export interface Sinks {
  readonly mailUrl: string
  readonly webhookUrl: string
  /** Subjects of the last mails that came in. */
  readonly mails: Iterable<string>
  /** Titles of the last webhook calls that came in. */
  readonly webhooks: Iterable<string>
  close(): Promise<void>
}

/** Of each kind. The demo may run for days; its scenario makes four. */
const KEPT = 1_000
/** Of one alert. Ours have some hundred; whoever sends more than this is not our daemon. */
const MAX_BODY_CHARACTERS = 65_536

export async function openSinks(onAlert: (text: string) => void = () => {}): Promise<Sinks> {
  const mails = new BoundedHistory<string>(KEPT)
  const webhooks = new BoundedHistory<string>(KEPT)
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, _session, callback) {
      const lines: Buffer[] = []
      stream.on('data', (chunk: Buffer) => lines.push(chunk))
      stream.once('end', () => {
        const subject = /^Subject: (.*)$/im.exec(Buffer.concat(lines).toString())?.[1]?.trim() ?? '(no subject)'
        mails.push(subject)
        onAlert(`mail: ${subject}`)
        callback()
      })
    },
  })
  const http = createServer((request, response) => {
    readTitle(request).then(
      (title) => {
        webhooks.push(title)
        onAlert(`webhook: ${title}`)
        response.writeHead(204).end()
      },
      // Anybody may knock at an open port; it must not end the demo.
      () => response.writeHead(400, { connection: 'close' }).end('expected an alert as JSON\n'),
    )
  })
  const mailPort = await listen(smtp.server)
  const webhookPort = await listen(http)
  return {
    mailUrl: `smtp://127.0.0.1:${mailPort}`,
    webhookUrl: `http://127.0.0.1:${webhookPort}/hook`,
    mails,
    webhooks,
    async close() {
      http.closeAllConnections()
      await Promise.all([
        new Promise<void>((resolve) => smtp.close(() => resolve())),
        new Promise<void>((resolve) => http.close(() => resolve())),
      ])
    },
  }
}

const webhookBody = z.object({ title: z.string() })

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** @throws when the body is too long, is no JSON, or breaks off */
async function readTitle(stream: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const chunk of stream) {
    text += String(chunk)
    if (text.length > MAX_BODY_CHARACTERS) throw new RangeError('the body is too long')
  }
  return webhookBody.safeParse(JSON.parse(text)).data?.title ?? '(no title)'
}
