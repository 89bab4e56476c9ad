import { describe, expect, it } from 'vitest'
import { parseConfig } from './load.ts'
import { ConfigError } from './problem.ts'

const POOLS = 'pools:\n  shop:\n    targets:\n      - http://10.0.0.11:8080\n'
const pool = (lines: string) => `pools:\n  shop:\n    targets: [http://10.0.0.11:8080]\n${lines}`
const targets = (items: string) => `pools:\n  shop:\n    targets:\n${items}`
const health = (mapping: string) => pool(`    health: ${mapping}\n`)
const ENV = { TOKEN: 'swordfish swordfish', SHORT: '7', NAME: 'elsewhere' }

async function problems(text: string): Promise<string[]> {
  const options = {
    file: 'hotspare.yaml',
    env: ENV,
    hostname: 'h',
    readFile: () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOENT' })),
  }
  const error: unknown = await parseConfig(text, options).catch((thrown: unknown) => thrown)
  if (error instanceof ConfigError) return error.message.split('\n').map((line) => line.replace('hotspare.yaml:', ''))
  throw new Error(`expected a ConfigError, got ${JSON.stringify(error)}`)
}

/** Title, file, and every line of the message without the name of the file. */
const BAD: readonly [string, string, ...string[]][] = [
  // What is no YAML, or not the kind of YAML that a configuration is.
  ['is empty', '', '1:1: the file is empty; write at least one of the keys pools, proxies, checks, services, dns and witness'],
  [
    'holds comments alone',
    '# later\n',
    '1:1: the file is empty; write at least one of the keys pools, proxies, checks, services, dns and witness',
  ],
  [
    'is a list',
    '- a\n- b\n',
    '1:1: expected a mapping at the top, got a list; write at least one of the keys pools, proxies, checks, services, dns and witness',
  ],
  [
    'is a secret by mistake',
    'hunter22\n',
    '1:1: expected a mapping at the top, got a single value; write at least one of the keys pools, proxies, checks, services, dns and witness',
  ],
  ['is indented with a tab', 'pools:\n\tshop: 1\n', '2:1: not valid YAML: a tab is not allowed as indentation; indent with spaces'],
  ['repeats a key', `${POOLS}log: {}\npools: {}\n`, '6:1: duplicate key "pools"; the first is on line 1'],
  [
    'repeats keys in two places',
    'pools: { a: 1, a: 2 }\nlog: { level: info, level: warn }\n',
    '1:16: pools: duplicate key "a"; the first is on line 1',
    '2:21: log: duplicate key "level"; the first is on line 2',
  ],
  [
    'is cut off in a list',
    'pools:\n  shop:\n    targets: [ http://10.0.0.11:8080\n',
    '4:1: not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  ['is cut off in a text', 'node: "web', '1:11: not valid YAML: a closing " is missing'],
  ['is cut off after a key', 'pools:\n  shop:\n', '2:3: pools.shop: expected a mapping with "targets", got nothing'],
  ['holds two documents', 'pools: {}\n---\npools: {}\n', '2:1: not valid YAML: a second document starts here; one file holds one document'],
  ['declares an old YAML', `%YAML 1.1\n---\n${POOLS}`, '1:1: the file declares YAML 1.1; only 1.2 is read; take the line out'],
  ['uses a tag', 'pools: !include x.yaml\n', '1:8: not valid YAML: unresolved tag: !include; tags are not used here'],
  ['holds a NUL', 'pools:\n  a\0: 1\n', '2:4: the file holds the control character U+0000; it has to be plain text'],
  [
    'holds a colon in a text without quotation marks',
    'node: a: b\n',
    '1:7: not valid YAML: nested mappings are not allowed in compact mappings; a text that contains ": " needs quotation marks',
  ],
  [
    'holds a reference in braces without quotation marks',
    `api: { token: \${env:TOKEN} }\n${POOLS}`,
    '1:16: not valid YAML: unexpected flow-map-start at node end; inside { } and [ ] a reference needs quotation marks: "${env:NAME}"',
  ],
  [
    'uses an alias without an anchor',
    'pools: *x\n',
    '1:8: pools: the alias *x has no anchor before it; write &x where the value first stands',
  ],
  ['contains itself', 'pools: &a { shop: *a }\n', '1:19: nested more than 32 levels deep; the alias *a repeats too much'],
  [
    'grows without bound through its aliases',
    `a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n${[1, 2, 3, 4, 5, 6].map((n) => `a${n}: &a${n} [${`*a${n - 1},`.repeat(10)}]\n`).join('')}`,
    '5:38: more than 100000 values, counting what aliases repeat; the alias *a3 repeats too much',
  ],
  ['uses a merge key', `${POOLS}log: { <<: 1 }\n`, '5:8: log: unknown key "<<"; merge keys are not part of YAML 1.2'],
  ['uses a list as a key', `${POOLS}? [a]\n: b\n`, '5:3: a key has to be a text'],
  ['names a prototype', `${POOLS}__proto__: {}\n`, '5:1: unknown key "__proto__"'],
  ['is too large', `# ${'a'.repeat(1_048_576)}`, '1:1: the file is larger than 1024 KiB'],

  // Keys.
  ['misspells a key at the top', `${POOLS}proxie: []\n`, '5:1: unknown key "proxie"; did you mean "proxies"?'],
  [
    'misspells a key in a health check',
    health('{ type: http, intervall: 1s }'),
    '4:27: pools.shop.health: unknown key "intervall"; did you mean "interval"?',
  ],
  [
    'spells a key in another style',
    `${POOLS}proxies: [{ listen: ":1", pool: shop, timeouts: { first-byte: 1s } }]\n`,
    '5:51: proxies[0].timeouts: unknown key "first-byte"; did you mean "firstByte"?',
  ],
  [
    'uses an HTTP key in a TCP check',
    health('{ type: tcp, path: /up }'),
    '4:26: pools.shop.health: unknown key "path"; it belongs to "type: http"',
  ],
  [
    'misspells a key of a target',
    targets('      - { url: "http://a", weigth: 1 }\n'),
    '4:28: pools.shop.targets[0]: unknown key "weigth"; did you mean "weight"?',
  ],
  ['uses a key that resembles none', `${POOLS}log: { colour: x }\n`, '5:8: log: unknown key "colour"; known here: level, format'],

  // Kinds of values.
  [
    'has nothing to do',
    'node: web-1\n',
    '1:1: the file gives Hotspare nothing to do; write at least one of the keys pools, proxies, checks, services, dns and witness',
  ],
  ['has an empty mapping of pools', 'pools: {}\n', '1:8: pools: at least one pool is needed'],
  ['has a pool without targets', 'pools:\n  shop: {}\n', '2:3: pools.shop.targets: missing; expected a list'],
  ['has an empty list of targets', 'pools:\n  shop:\n    targets: []\n', '3:14: pools.shop.targets: the list needs at least 1 entry'],
  [
    'has a pool with a bad name',
    'pools:\n  my shop: { targets: [http://a] }\n',
    '2:3: pools: the name "my shop" is not allowed; up to 63 letters, digits, "-", "_", "." and ":"; a letter or digit first',
  ],
  [
    'has a duration without a unit',
    health('{ type: tcp, interval: 500 }'),
    '4:36: pools.shop.health.interval: expected a duration like 500ms, got the number 500; it has no unit; did you mean "500ms" or "500s"?',
  ],
  [
    'has a duration without a unit in quotation marks',
    health('{ type: tcp, timeout: "2" }'),
    '4:35: pools.shop.health.timeout: expected a duration like 500ms, got the text "2"; it has no unit; did you mean "2ms" or "2s"?',
  ],
  [
    'has a duration in words',
    health('{ type: tcp, interval: often }'),
    '4:36: pools.shop.health.interval: expected a duration like 500ms, got the text "often"; write a number and a unit, like 500ms, 30s, 10m or 1h',
  ],
  [
    'has a timeout past its bound',
    health('{ type: tcp, timeout: 2m }'),
    '4:35: pools.shop.health.timeout: expected a duration like 500ms, got the text "2m"; the longest here is 1m',
  ],
  [
    'has an interval below its bound',
    health('{ type: tcp, interval: 1ms }'),
    '4:36: pools.shop.health.interval: expected a duration like 500ms, got the text "1ms"; the shortest here is 50ms',
  ],
  [
    'has a number as a text',
    health('{ type: tcp, rise: "2" }'),
    '4:32: pools.shop.health.rise: expected a whole number from 1 to 100, got the text "2"',
  ],
  [
    'has a number out of bounds',
    health('{ type: tcp, fall: 0 }'),
    '4:32: pools.shop.health.fall: expected a whole number from 1 to 100, got the number 0',
  ],
  [
    'has an unknown health check',
    health('{ type: htpp }'),
    '4:21: pools.shop.health.type: expected one of http, tcp, tls, websocket, grpc, dns, smtp, imap, pop3, ftp, ssh, redis, memcached, postgres, mysql, script, icmp, agent, metric, got the text "htpp"; did you mean "http"?',
  ],
  [
    'has a health check without a type',
    health('{ path: /up }'),
    expect.stringMatching(/^4:5: pools\.shop\.health\.type: missing; expected one of http, tcp, /),
  ],
  [
    'has a health check in one word',
    health('http'),
    '4:13: pools.shop.health: expected a mapping like { type: http }, got the text "http"',
  ],
  [
    'has bad statuses',
    health('{ type: http, status: "200-" }'),
    '4:35: pools.shop.health.status: expected a status list like 200-399, got the text "200-"; write codes from 100 to 599 and ranges, like 200-299,304',
  ],
  [
    'has a path that leads to another host',
    health('{ type: http, path: //elsewhere/ }'),
    '4:33: pools.shop.health.path: expected a path like /healthz, got the text "//elsewhere/"; it starts with one "/" and has no spaces, "#" or "\\"',
  ],
  [
    'has a header that is not its own to set',
    health('{ type: http, headers: { Host: x } }'),
    '4:38: pools.shop.health.headers: the name "Host" is not allowed; the key "host" sets the Host header',
  ],
  [
    'has a header that frames the request',
    health('{ type: http, headers: { connection: x } }'),
    '4:38: pools.shop.health.headers: the name "connection" is not allowed; the probe sets it itself',
  ],
  [
    'has a header with a line break',
    health('{ type: http, headers: { x-a: "b\\nc" } }'),
    '4:43: pools.shop.health.headers.x-a: expected a header value like hotspare, got a value that is not shown; no line breaks, control characters or characters past U+00FF',
  ],
  [
    'has a webhook header that the channel sets',
    `${POOLS}alerts: { channels: { ops: { type: webhook, url: "https://a", headers: { Webhook-Id: x } } } }\n`,
    '5:74: alerts.channels.ops.headers: the name "Webhook-Id" is not allowed; the channel sets it itself',
  ],
  [
    'has a webhook of another kind',
    `${POOLS}alerts: { channels: { ops: { type: webhook, url: "ftp://a" } } }\n`,
    '5:50: alerts.channels.ops.url: expected a webhook URL like https://chat.example.com/hooks/1, got a value that is not shown; write an http:// or https:// URL',
  ],
  [
    'has a mail server with a path',
    `${POOLS}alerts: { channels: { m: { type: smtp, url: "smtp://a/x", to: [a@b] } } }\n`,
    '5:45: alerts.channels.m.url: expected a mail server URL like smtp://mail.example.com:25, got a value that is not shown; nothing follows the host and the port',
  ],
  [
    'has a password that cannot be decoded',
    `${POOLS}alerts: { channels: { m: { type: smtp, url: "smtp://u:hunter%ff@a", to: [a@b] } } }\n`,
    '5:45: alerts.channels.m.url: expected a mail server URL like smtp://mail.example.com:25, got a value that is not shown; write a % in user and password as %25',
  ],
  [
    'has a path that fits into no request',
    health(`{ type: http, path: /${'x'.repeat(2_048)} }`),
    `4:33: pools.shop.health.path: expected a path like /healthz, got the text ${JSON.stringify(`/${'x'.repeat(59)}…`)}`,
  ],
  [
    'has a target whose name is no host name',
    targets(`      - http://${'a'.repeat(254)}\n`),
    `4:9: pools.shop.targets[0]: expected a target URL like http://10.0.0.11:8080, got the text ${JSON.stringify(`http://${'a'.repeat(53)}…`)}; a host name has at most 253 characters`,
  ],
  [
    'expects a body of HEAD',
    health('{ type: http, method: HEAD, body: ok }'),
    '4:47: pools.shop.health.body: an answer to HEAD has no body',
  ],
  [
    'has an unknown way to balance',
    pool('    balance: roundrobin\n'),
    '4:14: pools.shop.balance: expected one of round-robin, least-request, peak-ewma, edf, random, first-available, ring-hash, maglev, rendezvous, jump, got the text "roundrobin"; did you mean "round-robin"?',
  ],
  [
    'has a target that is a number',
    targets('      - 8080\n'),
    '4:9: pools.shop.targets[0]: expected a target URL like http://10.0.0.11:8080 or { url: http://10.0.0.11:8080 }, got the number 8080',
  ],
  [
    'has a target that is a list',
    targets('      - [http://a]\n'),
    '4:9: pools.shop.targets[0]: expected a target URL like http://10.0.0.11:8080 or { url: http://10.0.0.11:8080 }, got a list',
  ],
  [
    'has a target without a scheme',
    targets('      - 10.0.0.11:8080\n'),
    '4:9: pools.shop.targets[0]: expected a target URL like http://10.0.0.11:8080, got the text "10.0.0.11:8080"; write the scheme too: http://, https:// or tcp://',
  ],
  [
    'has a target without a URL',
    targets('      - { tier: 1 }\n'),
    '4:9: pools.shop.targets[0].url: missing; expected a target URL like http://10.0.0.11:8080',
  ],
  [
    'has a password in a target',
    targets('      - http://ops:hunter22@a\n'),
    '4:9: pools.shop.targets[0]: expected a target URL like http://10.0.0.11:8080, got the text "http://[redacted]@a"; a target takes no user and password; the client sends its own',
  ],
  [
    'has a listener that is a port',
    `${POOLS}api: { listen: 7400 }\n`,
    '5:16: api.listen: expected a listen address like 127.0.0.1:8080, got the number 7400; did you mean "127.0.0.1:7400", or ":7400" for every address?',
  ],
  [
    'has a token that is a number',
    `${POOLS}api: { token: 12345678 }\n`,
    '5:15: api.token: expected a token like ${env:HOTSPARE_TOKEN}, got a value that is not shown; put it into quotation marks to make it a text',
  ],
  [
    'has a webhook secret of another kind',
    `${POOLS}alerts: { channels: { ops: { type: webhook, url: "https://a", secret: hunter22 } } }\n`,
    '5:71: alerts.channels.ops.secret: expected a signing secret like ${env:WEBHOOK_SECRET}, got a value that is not shown; write whsec_ and the base64 of 24 to 64 random bytes, as `openssl rand -base64 32` makes them',
  ],
  [
    'has a mail address with a line break',
    `${POOLS}alerts: { channels: { m: { type: smtp, url: "smtp://a", to: ["a@b\\nBcc: c@d"] } } }\n`,
    '5:62: alerts.channels.m.to[0]: expected a mail address like ops@example.com, got the text "a@b\\nBcc: c@d"; write ops@example.com or "Ops <ops@example.com>"',
  ],
  [
    'has nothing where a value belongs',
    `${POOLS}log:\n  level:\n`,
    '6:3: log.level: expected one of debug, info, warn, error, silent, got nothing',
  ],

  // The parts against each other.
  [
    'names a pool that is not there',
    `${POOLS}proxies:\n  - { listen: ":8080", pool: shp }\n`,
    '6:30: proxies[0].pool: there is no pool "shp"; did you mean "shop"?',
  ],
  [
    'names a pool and resembles none',
    `${POOLS}proxies:\n  - { listen: ":8080", pool: warehouse }\n`,
    '6:30: proxies[0].pool: there is no pool "warehouse"; known pools: shop',
  ],
  [
    'routes to a channel that is not there',
    `${POOLS}alerts:\n  channels: { ops: { type: console } }\n  routes: [{ to: [ops, opps] }]\n`,
    '7:24: alerts.routes[0].to[1]: there is no channel "opps"; did you mean "ops"?',
  ],
  [
    'routes without channels',
    `${POOLS}alerts:\n  routes: [{ to: [ops] }]\n`,
    '6:19: alerts.routes[0].to[0]: there is no channel "ops"; known channels: none',
  ],
  [
    'has one target twice',
    targets('      - http://a:80\n      - { url: "http://a" }\n'),
    '5:16: pools.shop.targets[1].url: targets[0] has the same name: "a:80"; give one of them another "name"',
  ],
  [
    'has one target name twice',
    targets('      - { url: "http://a", name: x }\n      - { url: "http://b", name: x }\n'),
    '5:34: pools.shop.targets[1].name: targets[0] has the same name: "x"; give one of them another "name"',
  ],
  [
    'has targets of weight 0 alone',
    targets('      - { url: "http://a", weight: 0 }\n'),
    '4:7: pools.shop.targets: every target has weight 0; none of them would get traffic',
  ],
  [
    'has one proxy name twice',
    `${POOLS}proxies:\n  - { name: web, listen: ":8080", pool: shop }\n  - { name: web, listen: ":8081", pool: shop }\n`,
    '7:13: proxies[1].name: proxies[0] has the same name; give one of them another "name"',
  ],
  [
    'has two listeners on one address',
    `${POOLS}proxies:\n  - { listen: 0.0.0.0:8080, pool: shop }\n  - { listen: 127.0.0.1:8080, pool: shop }\n`,
    '7:15: proxies[1].listen: proxies[0] already listens on this address; choose another port',
  ],
  [
    'has a proxy on the address of the API',
    `${POOLS}proxies:\n  - { listen: ":7400", pool: shop }\n`,
    '6:15: proxies[0].listen: api already listens on this address; choose another port',
  ],
  [
    'has a proxy in front of itself',
    `pools:\n  shop:\n    targets: [http://127.0.0.1:8080]\nproxies:\n  - { listen: ":8080", pool: shop }\n`,
    '3:15: pools.shop.targets[0]: this is where proxies[0] listens; the proxy would send its requests to itself',
  ],
  [
    'opens the API to everybody',
    `${POOLS}api: { listen: 0.0.0.0:7400 }\n`,
    '5:16: api.listen: other machines can reach this address, and no token is set; set api.token, for instance to "${env:HOTSPARE_TOKEN}", or listen on 127.0.0.1',
  ],

  // Secrets.
  [
    'asks for a variable that is not set',
    `${POOLS}api:\n  listen: 0.0.0.0:7400\n  token: \${env:TOKNE}\n`,
    '7:10: api.token: the environment variable "TOKNE" is not set; did you mean "TOKEN"?',
  ],
  [
    'asks for a file that is not there',
    `${POOLS}api:\n  token: \${file:/run/none}\n`,
    '6:10: api.token: the secret file "/run/none" cannot be read: no such file',
  ],
  [
    'gets a token that no header can carry',
    `${POOLS}api:\n  token: \${env:TOKEN}\n`,
    '6:10: api.token: expected a token like ${env:HOTSPARE_TOKEN}, got the value of ${env:TOKEN}; visible ASCII characters without spaces or line breaks',
  ],
  [
    'gets a token that is too short to be hidden',
    `${POOLS}api:\n  token: \${env:SHORT}\n`,
    '6:10: api.token: a token of fewer than 4 characters; it is too short to be kept out of logs',
  ],
  [
    'gets a password that is too short to be hidden',
    `${POOLS}alerts: { channels: { m: { type: smtp, url: "smtp://u:\${env:SHORT}@a", to: [a@b] } } }\n`,
    '5:45: alerts.channels.m.url: a password of fewer than 4 characters; it is too short to be kept out of logs',
  ],
  [
    'holds a credential in a header that is too short to be hidden',
    health('{ type: http, headers: { x-token: abc, accept: "*/*" } }'),
    '4:47: pools.shop.health.headers.x-token: a header value of fewer than 4 characters; it is too short to be kept out of logs',
  ],
  [
    'gets a short secret of the wrong kind',
    health('{ type: tcp, interval: "${env:SHORT}" }'),
    '4:36: pools.shop.health.interval: expected a duration like 500ms, got the value of ${env:SHORT}; write a number and a unit, like 500ms, 30s, 10m or 1h',
  ],
  [
    'gets the name of a pool from outside',
    `${POOLS}proxies:\n  - listen: ":8080"\n    pool: \${env:NAME}\n`,
    '7:11: proxies[0].pool: there is no pool named as the value of ${env:NAME}',
  ],

  // All at once, in file order.
  [
    'has many problems',
    'api: { listen: 0.0.0.0:7400 }\npools:\n  shop:\n    targets: [http://a, ftp://b]\n    health: { type: tcp, rize: 2 }\nproxies:\n  - { listen: ":7400", pool: shp, attempts: 0 }\nlog: { level: loud }\n',
    '1:16: api.listen: other machines can reach this address, and no token is set; set api.token, for instance to "${env:HOTSPARE_TOKEN}", or listen on 127.0.0.1',
    '4:25: pools.shop.targets[1]: expected a target URL like http://10.0.0.11:8080, got the text "ftp://b"; the scheme is http://, https:// or tcp://',
    '5:26: pools.shop.health: unknown key "rize"; did you mean "rise"?',
    '7:30: proxies[0].pool: there is no pool "shp"; did you mean "shop"?',
    '7:45: proxies[0].attempts: expected a whole number from 1 to 10, got the number 0',
    '8:15: log.level: expected one of debug, info, warn, error, silent, got the text "loud"',
  ],
]

describe('a file that', () => {
  it.each(BAD)('%s', async (_, text, ...expected) => {
    expect(await problems(text)).toEqual(expected)
  })
})
