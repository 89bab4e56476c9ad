import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { readRequests, readResponses } from './messages.fixture.ts'
import {
  findProgram,
  haproxyOracle,
  nginxOracle,
  nodeOracle,
  type Oracle,
  type OracleVerdict,
  type Origins,
  startOrigins,
} from './oracles.fixture.ts'
import { type OracleName, requestCases, type WireCase } from './request-cases.fixture.ts'
import { responseCases } from './response-cases.fixture.ts'

/** One that waits for more is neither accepted nor refused. */
const requests = requestCases.filter(({ verdict }) => verdict !== 'incomplete')

let origins: Origins
const oracles = new Map<OracleName, Oracle>()

beforeAll(async () => {
  origins = await startOrigins(responseCases)
  oracles.set('node', await nodeOracle(origins))
  const [nginx, haproxy] = [findProgram('nginx'), findProgram('haproxy')]
  if (nginx) oracles.set('nginx', await nginxOracle(nginx, origins))
  if (haproxy) oracles.set('haproxy', await haproxyOracle(haproxy, origins))
})

afterAll(async () => {
  await Promise.all([...oracles.values()].map((oracle) => oracle.close()))
  await origins.close()
})

function need(context: TestContext, name: OracleName): Oracle {
  const oracle = oracles.get(name)
  if (!oracle) return context.skip(`not installed: ${name}`)
  return oracle
}

describe.each(['node', 'nginx', 'haproxy'] as const)('what %s refuses', (name) => {
  it('of requests, we refuse, but for what is listed with its reason', async (context) => {
    const oracle = need(context, name)
    const verdicts = await inTurns(requests, async (one) => {
      const { messages, end } = readRequests([Buffer.from(one.bytes, 'latin1')])
      const ours: OracleVerdict = typeof end === 'object' ? 'refused' : 'accepted'
      return { ...one, ours, theirs: await oracle.request(one.bytes, Math.max(1, messages.length)) }
    })
    expect(moreLenient(verdicts, name)).toEqual([])
    // It was there, and told good from bad.
    expect(verdicts.filter(({ theirs }) => theirs === 'refused').length).toBeGreaterThan(40)
    expect(verdicts.filter(({ theirs }) => theirs === 'accepted').length).toBeGreaterThan(20)
  })

  it('of answers, we refuse, but for what is listed with its reason', async (context) => {
    const oracle = need(context, name)
    const verdicts = await inTurns(responseCases, async (one, index) => {
      const { end } = readResponses([Buffer.from(one.bytes, 'latin1')], one.asked)
      const ours: OracleVerdict = typeof end === 'object' || end === 'incomplete' ? 'refused' : 'accepted'
      return { ...one, ours, theirs: await oracle.response(index, one.asked) }
    })
    expect(moreLenient(verdicts, name)).toEqual([])
    expect(verdicts.filter(({ theirs }) => theirs === 'refused').length).toBeGreaterThan(15)
    expect(verdicts.filter(({ theirs }) => theirs === 'accepted').length).toBeGreaterThan(10)
  })
})

interface Compared extends WireCase {
  readonly ours: OracleVerdict
  readonly theirs: OracleVerdict
}

/** Where we accept what the oracle refuses, without a reason that is listed. (An older or newer version may differ in those.) */
function moreLenient(verdicts: readonly Compared[], name: OracleName): string[] {
  const found = verdicts.filter(
    ({ ours, theirs, stricter }) => ours === 'accepted' && theirs === 'refused' && stricter?.[name] === undefined,
  )
  return found.map((one) => one.name)
}

const AT_ONCE = 8

async function inTurns<Item, Result>(items: readonly Item[], work: (item: Item, index: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let start = 0; start < items.length; start += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map((item, offset) => work(item, start + offset)))))
  }
  return results
}
