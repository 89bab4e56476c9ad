import { describe, expect, it } from 'vitest'
import { parseConfig } from './load.ts'
import { ConfigError } from './problem.ts'

const SECRET = 'a-secret-of-more-than-32-characters'
const ENV = { STICKY: SECRET, SHORT: 'hunter22', ZONE: 'elsewhere' }

const pool = (lines: string, targets = 'http://10.0.0.1, http://10.0.0.2') => `pools:\n  shop:\n    targets: [${targets}]\n    ${lines}\n`
const balance = (mapping: string) => pool(`balance: ${mapping}`)
const sticky = (mapping: string) => pool(`sticky: ${mapping}`)

async function read(text: string): Promise<{ readonly errors: readonly string[]; readonly warnings: readonly string[] }> {
  const options = { file: 'f', env: ENV, hostname: 'h', readFile: () => Promise.reject(new Error('no files')) }
  try {
    const { warnings } = await parseConfig(text, options)
    const told = warnings.map(({ line, column, path, message, hint }) => `${line}:${column}: ${path}: ${message}${hint ? `; ${hint}` : ''}`)
    return { errors: [], warnings: told.filter((each) => !each.includes('no proxy uses this pool')) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { errors: error.message.split('\n').map((line) => line.replace('f:', '')), warnings: [] }
  }
}

describe('a pool is refused, with what to do about it, when it', () => {
  it.each<readonly [string, string, ...string[]]>([
    [
      'names an algorithm as another tool does',
      balance('leastconn'),
      '4:14: pools.shop.balance: expected one of round-robin, least-request, peak-ewma, edf, random, first-available, ring-hash, maglev, rendezvous, jump, got the text "leastconn"; did you mean "least-request"?',
    ],
    [
      'names an algorithm that nobody knows',
      balance('ketema'),
      '4:14: pools.shop.balance: expected one of round-robin, least-request, peak-ewma, edf, random, first-available, ring-hash, maglev, rendezvous, jump, got the text "ketema"',
    ],
    [
      'has a number for an algorithm',
      balance('5'),
      '4:14: pools.shop.balance: expected one of round-robin, least-request, peak-ewma, edf, random, first-available, ring-hash, maglev, rendezvous, jump or { algorithm: least-request }, got the number 5',
    ],
    [
      'has a list of algorithms',
      balance('[round-robin]'),
      '4:14: pools.shop.balance: expected one of round-robin, least-request, peak-ewma, edf, random, first-available, ring-hash, maglev, rendezvous, jump or { algorithm: least-request }, got a list',
    ],
    [
      'has options and no algorithm',
      balance('{ choices: 3 }'),
      '4:5: pools.shop.balance.algorithm: missing; expected one of least-request, peak-ewma, round-robin, edf, random, first-available, ring-hash, maglev, rendezvous, jump',
    ],
    [
      'misspells the algorithm of a mapping',
      balance('{ algorithm: ring }'),
      '4:27: pools.shop.balance.algorithm: expected one of least-request, peak-ewma, round-robin, edf, random, first-available, ring-hash, maglev, rendezvous, jump, got the text "ring"',
    ],
    [
      'calls the algorithm its type',
      balance('{ type: maglev }'),
      '4:5: pools.shop.balance.algorithm: missing; expected one of least-request, peak-ewma, round-robin, edf, random, first-available, ring-hash, maglev, rendezvous, jump',
    ],
    [
      'has a key for an algorithm that looks at none',
      balance('{ algorithm: round-robin, key: { from: source } }'),
      '4:40: pools.shop.balance: unknown key "key"; it belongs to "algorithm: ring-hash"',
    ],
    [
      'bounds the load of an algorithm without keys',
      balance('{ algorithm: least-request, boundedLoad: 125 }'),
      '4:42: pools.shop.balance: unknown key "boundedLoad"; it belongs to "algorithm: ring-hash"',
    ],
    [
      'has an option of another algorithm',
      balance('{ algorithm: maglev, choices: 3 }'),
      '4:35: pools.shop.balance: unknown key "choices"; it belongs to "algorithm: least-request"',
    ],
    [
      'draws one target to choose from',
      balance('{ algorithm: least-request, choices: 1 }'),
      '4:51: pools.shop.balance.choices: it is 1: write a whole number from 2 to 10',
    ],
    [
      'has a bias below zero',
      balance('{ algorithm: least-request, activeRequestBias: -1 }'),
      '4:61: pools.shop.balance.activeRequestBias: expected a number from 0, got the number -1',
    ],
    [
      'has a duration without a unit',
      balance('{ algorithm: peak-ewma, decay: 10 }'),
      '4:45: pools.shop.balance.decay: expected a duration like 500ms, got the number 10; it has no unit; did you mean "10ms" or "10s"?',
    ],
    [
      'has a Maglev table whose size is no prime',
      balance('{ algorithm: maglev, size: 65536 }'),
      '4:41: pools.shop.balance.size: it is 65536: write a prime up to 5000011, such as 65537, so that every host reaches every slot',
    ],
    [
      'has a Maglev table with fewer slots than targets',
      pool('balance: { algorithm: maglev, size: 2 }', 'http://a, http://b, http://c'),
      '4:41: pools.shop.balance.size: 3 targets do not fit into a table of 2; write a prime a hundred times as large as their number, or leave it out',
    ],
    [
      'has a hash that no ring has',
      balance('{ algorithm: ring-hash, function: md5 }'),
      '4:48: pools.shop.balance.function: expected one of xxhash, ketama, got the text "md5"',
    ],
    [
      'has a ring whose bounds contradict each other',
      balance('{ algorithm: ring-hash, minimumRingSize: 5000, maximumRingSize: 100 }'),
      '4:55: pools.shop.balance.minimumRingSize: minimumRingSize (5000) is above maximumRingSize (100): lower the one or raise the other',
    ],
    [
      'bounds the load below a fair share',
      balance('{ algorithm: jump, boundedLoad: 50 }'),
      '4:46: pools.shop.balance.boundedLoad: expected a number from 100, got the number 50',
    ],
    [
      'has a word for a key',
      balance('{ algorithm: jump, key: source }'),
      '4:38: pools.shop.balance.key: expected a mapping like { from: source } or { from: header } or { from: cookie } or { from: uri }, got the text "source"',
    ],
    [
      'has a key that comes from nowhere',
      balance('{ algorithm: jump, key: { name: x-user } }'),
      '4:33: pools.shop.balance.key.from: missing; expected one of source, header, cookie, uri',
    ],
    [
      'takes a key from where none is',
      balance('{ algorithm: jump, key: { from: query } }'),
      '4:46: pools.shop.balance.key.from: expected one of source, header, cookie, uri, got the text "query"',
    ],
    [
      'takes a key from a header without a name',
      balance('{ algorithm: jump, key: { from: header } }'),
      '4:33: pools.shop.balance.key.name: missing; expected a header name like x-user',
    ],
    [
      'takes a key from a header with an impossible name',
      balance('{ algorithm: jump, key: { from: header, name: "x user" } }'),
      '4:60: pools.shop.balance.key.name: expected a header name like x-user, got the text "x user"; letters, digits and any of !#$%&\'*+-.^_`|~, no spaces',
    ],
    [
      'gives a name to what has none',
      balance('{ algorithm: jump, key: { from: source, name: x-user } }'),
      '4:54: pools.shop.balance.key: unknown key "name"; it belongs to "from: header"',
    ],
    [
      'takes nothing of a path',
      balance('{ algorithm: jump, key: { from: uri, depth: 0 } }'),
      '4:58: pools.shop.balance.key.depth: expected a whole number from 1, got the number 0',
    ],
    [
      'has a factor below 1',
      pool('overprovisioningFactor: 0.5'),
      '4:29: pools.shop.overprovisioningFactor: expected a number from 1 to 1000, got the number 0.5',
    ],
    [
      'has a threshold above all',
      pool('panicThreshold: 101'),
      '4:21: pools.shop.panicThreshold: expected a number from 0 to 100, got the number 101',
    ],
    [
      'has a threshold of panic, and no panic',
      pool('panicThreshold: 50\n    panic: false'),
      '4:21: pools.shop.panicThreshold: a threshold of panic, and "panic: false"; take one of them out: without panic no target that is down is tried',
    ],
    ['has a word where yes or no is wanted', pool('panic: never'), '4:12: pools.shop.panic: expected true or false, got the text "never"'],
    [
      'has a target that takes no request',
      pool('', '{ url: "http://a", limit: 0 }'),
      '3:41: pools.shop.targets[0].limit: expected a whole number from 1 to 1000000, got the number 0',
    ],
    [
      'limits a target as another tool does',
      pool('', '{ url: "http://a", maxconn: 5 }'),
      '3:34: pools.shop.targets[0]: unknown key "maxconn"; did you mean "limit"?',
    ],
    [
      'has a queue that is a number',
      pool('queue: 100'),
      '4:12: pools.shop.queue: expected a mapping with "size" and "timeout", got the number 100',
    ],
    ['has a queue without an end', pool('queue: { size: 100 }'), '4:5: pools.shop.queue.timeout: missing; expected a duration like 500ms'],
    [
      'has a queue for nobody',
      pool('queue: { size: 0, timeout: 0s }'),
      '4:20: pools.shop.queue.size: expected a whole number from 1 to 10000, got the number 0',
      '4:32: pools.shop.queue.timeout: expected a duration like 500ms, got the text "0s"; the shortest here is 1ms',
    ],
    [
      'starts slowly for a number',
      pool('slowStart: 30'),
      '4:16: pools.shop.slowStart: expected a duration like 500ms or { window: 500ms }, got the number 30',
    ],
    [
      'starts slowly for no time at all',
      pool('slowStart: { aggression: 1 }'),
      '4:5: pools.shop.slowStart.window: missing; expected a duration like 500ms',
    ],
    [
      'starts slowly on a flat curve',
      pool('slowStart: { window: 30s, aggression: 0 }'),
      '4:43: pools.shop.slowStart.aggression: it is 0: write a number above 0',
    ],
    [
      'has a share as a percentage',
      pool('slowStart: { window: 30s, minimumRatio: 10 }'),
      '4:45: pools.shop.slowStart.minimumRatio: it is 10: write a number from 0 to 1',
    ],
    ['has no zone among its zones', pool('zones: {}'), '4:12: pools.shop.zones: at least one zone is needed'],
    [
      'has a zone without traffic',
      pool('zones: { fra: 0 }', '{ url: "http://a", zone: fra }'),
      '4:19: pools.shop.zones.fra: expected a whole number from 1 to 1000, got the number 0',
    ],
    [
      'has zones and targets that do not know of each other',
      pool('zones: { fra: 1, ams: 1 }', '{ url: "http://a", zone: fra }, { url: "http://b", zone: frra }, http://c'),
      '3:72: pools.shop.targets[1].zone: the pool has no zone "frra"; did you mean "fra"?',
      '3:80: pools.shop.targets[2]: it has no zone, and the pool divides its traffic over zones; write "zone": fra or ams',
      '4:22: pools.shop.zones.ams: no target is in this zone; give a target this "zone", or take it out',
    ],
    [
      'takes the zone of a target from outside',
      pool('zones: { fra: 1 }', '{ url: "http://a", zone: "${env:ZONE}" }, { url: "http://b", zone: fra }'),
      '3:40: pools.shop.targets[0].zone: the pool has no zone the value of ${env:ZONE}',
    ],
    ['has sticky sessions without secrets', sticky('{}'), '4:5: pools.shop.sticky.secrets: missing; expected a list'],
    ['switches sticky sessions on', sticky('true'), '4:13: pools.shop.sticky: expected a mapping with "secrets", got the value true'],
    ['has an empty list of secrets', sticky('{ secrets: [] }'), '4:24: pools.shop.sticky.secrets: the list needs at least 1 entry'],
    [
      'has a secret that is no list',
      sticky('{ secrets: "${env:STICKY}" }'),
      '4:24: pools.shop.sticky.secrets: expected a list, got the value of ${env:STICKY}',
    ],
    [
      'has a secret that is too short',
      sticky('{ secrets: [hunter22] }'),
      '4:25: pools.shop.sticky.secrets[0]: expected a secret like ${env:STICKY_SECRET}, got a value that is not shown; 32 bytes or more; `openssl rand -base64 32` makes a good one',
    ],
    [
      'has a secret from outside that is too short',
      sticky('{ secrets: ["${env:SHORT}"] }'),
      '4:25: pools.shop.sticky.secrets[0]: expected a secret like ${env:STICKY_SECRET}, got the value of ${env:SHORT}; 32 bytes or more; `openssl rand -base64 32` makes a good one',
    ],
    [
      'has a cookie with an impossible name',
      sticky('{ secrets: ["${env:STICKY}"], cookie: "a b" }'),
      '4:51: pools.shop.sticky.cookie: expected a cookie name like session, got the text "a b"; letters, digits and any of !#$%&\'*+-.^_`|~, no spaces',
    ],
    [
      'has a cookie of half a second',
      sticky('{ secrets: ["${env:STICKY}"], maxAge: 1500ms }'),
      '4:51: pools.shop.sticky.maxAge: expected a duration like 500ms, got the text "1500ms"; whole seconds',
    ],
    [
      'has a cookie for longer than durations can be',
      sticky('{ secrets: ["${env:STICKY}"], maxAge: 25d }'),
      '4:51: pools.shop.sticky.maxAge: expected a duration like 500ms, got the text "25d"; write a number and a unit, like 500ms, 30s, 10m or 1h',
    ],
    [
      'has a cookie whose path is none',
      sticky('{ secrets: ["${env:STICKY}"], path: shop }'),
      '4:49: pools.shop.sticky.path: expected a path like /shop, got the text "shop"; it begins with "/" and has no spaces and no ";"',
    ],
    [
      'smuggles an attribute into a cookie',
      sticky('{ secrets: ["${env:STICKY}"], path: "/;Domain=evil" }'),
      '4:49: pools.shop.sticky.path: expected a path like /shop, got the text "/;Domain=evil"; it begins with "/" and has no spaces and no ";"',
    ],
    [
      'has a cookie that browsers refuse',
      sticky('{ secrets: ["${env:STICKY}"], sameSite: none, secure: false }'),
      '4:53: pools.shop.sticky.sameSite: browsers refuse a cookie with "sameSite: none" that is not secure: write "secure: true", or "sameSite: lax"',
    ],
    [
      'contradicts a default by the name of the package',
      sticky('{ secrets: ["${env:STICKY}"], insecure: true }'),
      '4:43: pools.shop.sticky: unknown key "insecure"; did you mean "secure"?',
    ],
    [
      'has more secrets than are tried',
      sticky(`{ secrets: [${Array(9).fill(SECRET).join(', ')}] }`),
      '4:24: pools.shop.sticky.secrets: the list takes at most 8 entries',
    ],
  ])('%s', async (_what, text, ...expected) => {
    const { errors } = await read(text)
    expect(errors).toEqual(expected)
    expect(errors.join()).not.toMatch(/hunter22|elsewhere|a-secret/)
  })
})

describe('a pool is doubted where it', () => {
  const proxy = (more = '') => `proxies: [{ listen: ":8080", pool: shop${more} }]\n`
  const limited = '{ url: "http://a", limit: 5 }'
  const jar = 'secrets: ["${env:STICKY}"]'

  it.each<readonly [string, string, ...string[]]>([
    [
      'names a zone, and has none',
      pool('panic: true', '{ url: "http://a", zone: fra }'),
      '3:40: pools.shop.targets[0].zone: the pool has no "zones", so this does nothing; give "zones" their weights',
    ],
    [
      'starts slowly, with one tier and keys',
      pool('slowStart: 30s\n    balance: maglev'),
      '4:5: pools.shop.slowStart: with maglev only whole tiers start slowly, and this pool has one tier, so this does nothing; take it out, or give spares a higher "tier"',
    ],
    [
      'starts slowly, with one tier in a fixed order',
      pool('slowStart: 30s\n    balance: first-available'),
      '4:5: pools.shop.slowStart: with first-available only whole tiers start slowly, and this pool has one tier, so this does nothing; take it out, or give spares a higher "tier"',
    ],
    [
      'has a queue, and no limit',
      pool('queue: { size: 1, timeout: 1s }'),
      '4:5: pools.shop.queue: no target has a "limit", so requests hardly ever wait; give targets a "limit", or take it out',
    ],
    [
      'lets requests wait for longer than they may',
      pool('queue: { size: 1, timeout: 1m }', limited) + proxy(),
      '4:32: pools.shop.queue.timeout: longer than timeouts.firstByte of proxies[0]; a request waits for 30s at most',
    ],
    [
      'goes by the address of clients behind another proxy',
      balance('jump') + proxy(', forwarded: append'),
      '4:14: pools.shop.balance: the key is the client\'s address, and proxies[0] stands behind another proxy ("forwarded: append"); all requests have the address of that one: write "key: { from: header, name: x-forwarded-for }", or another key',
    ],
    [
      'has a secure cookie for plain HTTP',
      sticky(`{ ${jar} }`) + proxy(),
      '4:5: pools.shop.sticky: proxies[0] speaks plain HTTP, over which browsers keep no cookie that is "secure"; write "secure: false", or "forwarded: append" for the proxy if TLS ends in front of it',
    ],
    [
      'has the cookie of another pool',
      `pools:\n  a: { targets: [http://a], sticky: { ${jar} } }\n  b: { targets: [http://b], sticky: { ${jar} } }\n`,
      '3:29: pools.b.sticky: pool a has a cookie of the same name; where browsers reach both at one host, each takes the other\'s place: give one of them another "cookie"',
    ],
  ])('%s', async (_what, text, ...expected) => {
    expect(await read(text)).toEqual({ errors: [], warnings: expected })
  })

  it.each([
    ['starts slowly, with keys and a spare', pool('slowStart: 30s\n    balance: maglev', 'http://a, { url: "http://b", tier: 1 }')],
    ['has a queue without a limit, and tries nobody who is down', pool('queue: { size: 1, timeout: 1s }\n    panic: false')],
    ['has a secure cookie behind another proxy', sticky(`{ ${jar} }`) + proxy(', forwarded: append')],
    [
      'goes by a header behind another proxy',
      balance('{ algorithm: jump, key: { from: header, name: x-user } }') + proxy(', forwarded: append'),
    ],
    [
      'has two cookies of different names',
      `pools:\n  a: { targets: [http://a], sticky: { ${jar} } }\n  b: { targets: [http://b], sticky: { ${jar}, cookie: b } }\n`,
    ],
  ])('but not where it %s', async (_what, text) => {
    expect(await read(text)).toEqual({ errors: [], warnings: [] })
  })
})
