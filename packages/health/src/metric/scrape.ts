import { type IncomingMessage, request as httpRequest, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type ConnectionTls, openConnection } from '../connection.ts'
import { describeFailure, failed, type Finding } from '../failure.ts'
import type { ProbeRun } from '../run-probe.ts'

/** Interim answers (1xx) before the real one; an exporter that sends them without end is broken. */
const MAX_INTERIM_ANSWERS = 10

interface ScrapeOrder {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly maxBodyBytes: number
  readonly tls: ConnectionTls
}

/** Takes the page piece by piece; both say what is wrong with it, once something is. */
interface PageReader {
  readonly add: (text: string) => string | undefined
  readonly end: () => string | undefined
}

/**
 * Gets a page of metrics on a connection of its own.
 *
 * @returns why that failed; undefined when the whole page was read
 */
export async function scrape(order: ScrapeOrder, reader: PageReader, run: ProbeRun): Promise<Finding | undefined> {
  const { url, tls } = order
  const secure = url.protocol === 'https:'
  const target = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (secure ? 443 : 80)),
    ...(secure ? { tls } : {}),
  }
  let socket
  try {
    socket = await openConnection(target, run)
  } catch (error) {
    return describeFailure(error)
  }
  // The connection knows best: to the request, a reset in the middle is only an early end.
  let broken: unknown
  socket.once('error', (error) => (broken = error))
  const describe = (error: unknown) => describeFailure(broken ?? error)
  try {
    const response = await get(order, socket)
    run.ended('first-byte')
    run.phase = 'reading the page'
    const finding = await readPage(response, reader, { maxBodyBytes: order.maxBodyBytes, describe })
    run.ended('transfer')
    return finding
  } catch (error) {
    return describe(error)
  } finally {
    socket.destroy()
  }
}

function get({ url, headers }: ScrapeOrder, socket: Socket): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      createConnection: () => socket,
      host: url.hostname,
      port: url.port,
      path: `${url.pathname}${url.search}`,
      headers: {
        // The plain format alone: what it is, is what the parser reads.
        accept: 'text/plain;version=0.0.4',
        'accept-encoding': 'identity',
        'user-agent': 'hotspare-health',
        host: url.host,
        ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
        connection: 'close',
      },
    })
    request.once('response', resolve)
    // Stays for good: a connection may report an error after it was given up.
    request.on('error', reject)
    request.once('upgrade', () => reject(Object.assign(new Error('an upgrade that was not asked for'), { code: 'HPE_UNASKED_UPGRADE' })))
    let interim = 0
    request.on('information', () => {
      if (++interim > MAX_INTERIM_ANSWERS) reject(Object.assign(new Error('interim answers without end'), { code: 'HPE_ENDLESS_INTERIM' }))
    })
    request.end()
  })
}

interface PageOrder {
  readonly maxBodyBytes: number
  readonly describe: (error: unknown) => Finding
}

function readPage(response: IncomingMessage, reader: PageReader, { maxBodyBytes, describe }: PageOrder): Promise<Finding | undefined> {
  const status = response.statusCode ?? 0
  if (status !== 200) return Promise.resolve(failed('status', `${status} ${STATUS_CODES[status] ?? ''}, expected 200`))
  return new Promise((resolve) => {
    const decoder = new TextDecoder()
    let bytes = 0
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBodyBytes) return resolve(failed('protocol', `the page is longer than ${maxBodyBytes} bytes`))
      const problem = reader.add(decoder.decode(chunk, { stream: true }))
      if (problem !== undefined) resolve(failed('protocol', problem))
    })
    response.once('end', () => {
      const problem = reader.add(decoder.decode()) ?? reader.end()
      resolve(problem === undefined ? undefined : failed('protocol', problem))
    })
    response.on('error', (error) => resolve(describe(error)))
    response.once('close', () => resolve(failed('closed', `connection closed after ${bytes} bytes of the page`)))
  })
}
