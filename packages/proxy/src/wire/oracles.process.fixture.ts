/**
 * A long run against nginx and HAProxy, by hand: `node --conditions=@hotspare/source
 * packages/proxy/src/wire/oracles.process.fixture.ts 200000 7` makes so many mutated requests and answers, from seed 7
 * on, and shows each one that we accept and one of them refuses for no reason that is known.
 */
import { acceptedMutants } from './differential.fixture.ts'
import { readRequests } from './messages.fixture.ts'
import { findProgram, haproxyOracle, nginxOracle, startOrigins } from './oracles.fixture.ts'
import type { ResponseCase } from './response-cases.fixture.ts'

/** Why an oracle refuses what is right; `stricter` in the tables has the same. */
const KNOWN: Readonly<Record<string, readonly RegExp[]>> = {
  // It decodes and normalises paths, is no forward proxy, and takes an interim answer for the final one.
  nginx: [/(?:^|\n)\S+ \S*(?:%00|\.\.)/, /(?:^|\n|c|\0)(?:CONNECT|TRACE) /, /(?:^|[^A-Z])OPTIONS \*/, /^\S+ HTTP\/1\.[01] 1\d\d/],
  // It wants the key of a WebSocket, 24 characters of it.
  haproxy: [/upgrade:.*websocket/i],
}
const AT_ONCE = 16
const SHOWN = 40

const [, , cases = '20000', seed = '1'] = process.argv
const answers: ResponseCase[] = acceptedMutants('response', Number(cases), Number(seed)).map(({ text, asked }) => ({
  name: '',
  bytes: text,
  verdict: 'ok',
  asked: asked ?? { method: 'GET' },
}))
const requests = acceptedMutants('request', Number(cases), Number(seed)).map(({ text }) => text)
const origins = await startOrigins(answers)
const [nginx, haproxy] = [findProgram('nginx'), findProgram('haproxy')]
const oracles = await Promise.all([...(nginx ? [nginxOracle(nginx, origins)] : []), ...(haproxy ? [haproxyOracle(haproxy, origins)] : [])])

for (const oracle of oracles) {
  const known = (text: string) => KNOWN[oracle.name]?.some((reason) => reason.test(text)) ?? false
  const tally = { requests: 0, answers: 0, notAsked: 0, refused: 0 }
  await inTurns(requests, async (bytes) => {
    const count = readRequests([Buffer.from(bytes, 'latin1')]).messages.length
    if (known(bytes) || count === 0) return void (tally.notAsked += 1)
    tally.requests += 1
    if ((await oracle.request(bytes, count)) === 'refused') show(bytes)
  })
  await inTurns(answers, async ({ asked, bytes }, index) => {
    const text = `${asked.method} ${bytes}`
    if (known(text)) return void (tally.notAsked += 1)
    tally.answers += 1
    if ((await oracle.response(index, asked)) === 'refused') show(text)
  })
  console.log(oracle.name, JSON.stringify(tally))
  await oracle.close()

  function show(text: string): void {
    tally.refused += 1
    if (tally.refused <= SHOWN) console.log(oracle.name, JSON.stringify(text))
  }
}
await origins.close()

async function inTurns<Item>(items: readonly Item[], work: (item: Item, index: number) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += AT_ONCE) {
    await Promise.all(items.slice(start, start + AT_ONCE).map((item, offset) => work(item, start + offset)))
  }
}
