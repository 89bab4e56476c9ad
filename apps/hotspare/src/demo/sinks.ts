import { createServer } from 'node:http'
import type { Server } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { z } from 'zod'

/** Where the demo's alerts arrive: a real SMTP server and a real webhook receiver, on free ports of loopback. */
export interface Sinks {
  readonly mailUrl: string
  readonly webhookUrl: string
  /** Subjects of the mails that came in. */
  readonly mails: readonly string[]
  /** Titles of the webhook calls that came in. */
  readonly webhooks: readonly string[]
  close(): Promise<void>
}

export async function openSinks(onAlert: (text: string) => void = () => {}): Promise<Sinks> {
  const mails: string[] = []
  const webhooks: string[] = []
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
    void readText(request).then((body) => {
      const title = webhookBody.safeParse(JSON.parse(body)).data?.title ?? '(no title)'
      webhooks.push(title)
      onAlert(`webhook: ${title}`)
      response.writeHead(204).end()
    })
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

async function readText(stream: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}
