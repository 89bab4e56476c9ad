import { type Dispatcher, request as send } from 'undici'
import { cloudDefaults } from './defaults.ts'

export interface CloudAnswer {
  readonly status: number
  readonly text: string
  /** @param name in lower case */
  header(name: string): string | undefined
}

export interface TextCall {
  readonly url: URL
  readonly request: {
    readonly method: Dispatcher.HttpMethod
    readonly headers?: Readonly<Record<string, string>> | undefined
    readonly body?: string | undefined
  }
  readonly signal: AbortSignal
  readonly dispatcher: Dispatcher
}

/** One request, whose answer is read as a text, within the largest size. @throws whatever the connection meets; Error when the answer is too large */
export async function fetchText({ url, request, signal, dispatcher }: TextCall): Promise<CloudAnswer> {
  const { method, headers = {}, body = null } = request
  const answer = await send(url, { method, headers: { 'user-agent': 'hotspare', ...headers }, body, signal, dispatcher })
  const text = await readBounded(answer.body)
  return { status: answer.statusCode, text, header: (name) => [answer.headers[name] ?? []].flat()[0] }
}

async function readBounded(body: Dispatcher.ResponseData['body']): Promise<string> {
  const { maxAnswerBytes } = cloudDefaults
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      size += chunk.length
      if (size > maxAnswerBytes) throw new Error(`the answer is larger than ${maxAnswerBytes} bytes`)
      chunks.push(chunk)
    }
  } finally {
    // Leaving early is no failure, but the stream tells of one, and an 'error' that nobody hears ends the process.
    body.on('error', () => {}).destroy()
  }
  return Buffer.concat(chunks).toString('utf8')
}
