/**
 * What a head costs, by hand: `node --conditions=@hotspare/source packages/proxy/src/wire/parse-cost.process.fixture.ts`.
 * Nanoseconds of processor time for one head, read alone, and read and
 * written to where a socket would copy it; llhttp as Node drives it, which gives names and values as
 * strings; the median of several rounds.
 */
import { ClientFields, writeRequestHead } from './head-writer.ts'
import { llhttpHeads } from './llhttp.fixture.ts'
import { headLimits } from './messages.fixture.ts'
import { RequestHeadReader } from './request-head.ts'

const out = Buffer.alloc(4_096)
const ROUNDS = 9
const HEADS = 100_000

const small = 'GET /index.html HTTP/1.1\r\nHost: shop.example\r\nConnection: keep-alive\r\n\r\n'
const browser = [
  'GET /catalogue/shoes/sneakers?colour=white&size=43&page=2 HTTP/1.1',
  'Host: shop.example',
  'Connection: keep-alive',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: en-GB,en;q=0.9',
  'Referer: https://shop.example/catalogue',
  'Cookie: session=0f3a5c7e9b1d2f4a6c8e',
]
const sixteen = ['Cache-Control: max-age=0', 'Upgrade-Insecure-Requests: 1', 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: navigate']
const rest = ['Sec-Fetch-User: ?1', 'Sec-Fetch-Dest: document', 'DNT: 1', 'Priority: u=0, i']

const heads: Readonly<Record<string, string>> = {
  small,
  browser: `${browser.join('\r\n')}\r\n\r\n`,
  sixteen: `${[...browser, ...sixteen, ...rest].join('\r\n')}\r\n\r\n`,
}

for (const [name, text] of Object.entries(heads)) {
  const bytes = Buffer.from(text, 'latin1')
  const reader = new RequestHeadReader(headLimits)
  const client = new ClientFields({ address: '192.0.2.7', protocol: 'http' }, 'replace')
  const readOne = () => {
    const head = reader.read(bytes, 0, bytes.length)
    if (head.kind !== 'complete') throw new Error(JSON.stringify(head))
    return head
  }
  console.log(
    JSON.stringify({
      head: name,
      bytes: bytes.length,
      fields: text.split('\r\n').length - 3,
      readNs: median(() => repeat(readOne)),
      readAndWriteNs: median(() => repeat(() => out.write(writeRequestHead(readOne(), client), 'latin1'))),
      llhttpNs: median(() => repeat(llhttpHeads(bytes))),
    }),
  )
}

/** Processor time: the machine may have other work. */
function repeat(work: () => unknown): number {
  const start = process.cpuUsage()
  for (let left = HEADS; left > 0; left -= 1) work()
  const { user, system } = process.cpuUsage(start)
  return ((user + system) * 1_000) / HEADS
}

function median(measure: () => number): number {
  const results = Array.from({ length: ROUNDS }, measure).toSorted((one, other) => one - other)
  return Math.round(results[ROUNDS >> 1] ?? 0)
}
