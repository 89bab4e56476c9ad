import { describe, expect, it } from 'vitest'
import { parseConfig } from './load.ts'
import { ConfigError } from './problem.ts'

const POOLS = 'pools:\n  shop:\n    targets: [http://10.0.0.11:8080, { name: b, url: "http://10.0.0.12:8080" }]\n'
const health = (mapping: string) => `${POOLS}    health: ${mapping}\n`
const check = (mapping: string) => `checks:\n  it: ${mapping}\n`
const ENV = { NAME: 'elsewhere', SHORT: 'x.1', PASSWORD: 'swordfish swordfish' }

async function problems(text: string): Promise<string[]> {
  const options = { file: 'hotspare.yaml', env: ENV, hostname: 'h', readFile: () => Promise.reject(new Error('no files')) }
  const error: unknown = await parseConfig(text, options).catch((thrown: unknown) => thrown)
  if (error instanceof ConfigError) return error.message.split('\n').map((line) => line.replace('hotspare.yaml:', ''))
  throw new Error(`expected a ConfigError, got ${JSON.stringify(error)}`)
}

const TYPES =
  'http, tcp, tls, websocket, grpc, dns, smtp, imap, pop3, ftp, ssh, redis, memcached, postgres, mysql, script, icmp, agent, metric'

/** Title, file, and every line of the message without the name of the file. */
const BAD: readonly [string, string, ...string[]][] = [
  // Which probe.
  [
    'has a probe of a pool that looks at no target',
    health('{ type: exec, file: /bin/true }'),
    `4:21: pools.shop.health.type: expected one of ${TYPES}, got the text "exec"`,
  ],
  [
    'misspells a probe',
    check('{ type: postgress, address: db }'),
    `2:15: checks.it.type: expected one of ${TYPES}, exec, system, push, all, any, atLeast, got the text "postgress"; did you mean "postgres"?`,
  ],
  [
    'has a check without a type',
    check('{ address: a:1 }'),
    `2:3: checks.it.type: missing; expected one of ${TYPES}, exec, system, push, all, any, atLeast`,
  ],
  ['has a check in one word', check('tcp'), '2:7: checks.it: expected a mapping like { type: http }, got the text "tcp"'],
  [
    'uses a key of another probe',
    check('{ type: redis, address: r, database: x }'),
    '2:34: checks.it: unknown key "database"; it belongs to "type: postgres"',
  ],
  [
    'spells an option as the package does',
    check('{ type: redis, address: r, timeoutMs: 5 }'),
    '2:34: checks.it: unknown key "timeoutMs"; did you mean "timeout"?',
  ],
  [
    'has a system check of an unknown thing',
    check('{ type: system, what: dsk }'),
    '2:29: checks.it.what: expected one of cpu, memory, disk, inodes, load, pressure, network, raid, smart, event-loop, got the text "dsk"; did you mean "disk"?',
  ],
  [
    'has a system check of nothing',
    check('{ type: system }'),
    '2:3: checks.it.what: missing; expected one of cpu, memory, disk, inodes, load, pressure, network, raid, smart, event-loop',
  ],
  [
    'gives a memory check the path of a disk check',
    check('{ type: system, what: memory, path: / }'),
    '2:37: checks.it: unknown key "path"; it belongs to "what: disk"',
  ],

  // In the words of a package, or of another tool.
  [
    'calls what is expected as the package does',
    check('{ type: http, url: "http://a/", expectBody: ok, expectStatus: 200 }'),
    '2:39: checks.it: unknown key "expectBody"; did you mean "body"?',
    '2:55: checks.it: unknown key "expectStatus"; did you mean "status"?',
  ],
  [
    'has host and port apart',
    check('{ type: dns, server: 10.0.0.1, port: 53, name: a }'),
    '2:3: checks.it.address: missing; expected an address like 10.0.0.11',
    '2:20: checks.it: unknown key "server"; did you mean "address"?',
    '2:38: checks.it: unknown key "port"; did you mean "address"?',
  ],
  [
    'has the address of a URL',
    check('{ type: http, address: "10.0.0.1:80" }'),
    '2:3: checks.it.url: missing; expected a URL like http://127.0.0.1:8080/healthz',
    '2:21: checks.it: unknown key "address"; did you mean "url"?',
  ],
  [
    'calls a program a command',
    check('{ type: exec, command: /bin/true }'),
    '2:3: checks.it.file: missing; expected a text of up to 32768 characters',
    '2:21: checks.it: unknown key "command"; did you mean "file"?',
  ],
  [
    'calls a probe by its program',
    check('{ type: ping, address: 10.0.0.1 }'),
    `2:15: checks.it.type: expected one of ${TYPES}, exec, system, push, all, any, atLeast, got the text "ping"; did you mean "icmp"?`,
  ],
  [
    'has a key that everything has but this',
    check('{ type: push, ttl: 1h, timeout: 5s }'),
    '2:30: checks.it: unknown key "timeout"; "type: push" has none',
  ],

  // Of another kind than what is wanted.
  [
    'has a share in percent',
    check('{ type: system, what: disk, warnAt: 85%, failAt: 98 }'),
    '2:43: checks.it.warnAt: expected a number above 0 to 1, got the text "85%"; as a share of 1, 85 % is 0.85',
    '2:56: checks.it.failAt: expected a number above 0 to 1, got the number 98; as a share of 1, 98 % is 0.98',
  ],
  [
    'has a unit where the measure has one',
    check('{ type: tcp, address: "a:1", thresholds: [{ measure: duration-ms, enter: 400ms }] }'),
    '2:80: checks.it.thresholds[0].enter: expected a number, got the text "400ms"; write the number alone: 400',
  ],
  [
    'has one name where a list is wanted',
    `checks: { a: { type: push, ttl: 1h }, b: { type: push, ttl: 1h, dependsOn: a } }`,
    '1:76: checks.b.dependsOn: expected a list or a mapping with "on", got the text "a"; write it as a list: [a]',
  ],
  [
    'has all arguments in one text',
    check('{ type: exec, file: pg_isready, args: "-h localhost" }'),
    '2:45: checks.it.args: expected a list, got the text "-h localhost"; write it as a list, each entry by itself: [one, two]',
  ],
  [
    'has an argument that YAML takes for a number',
    check('{ type: exec, file: /bin/sleep, args: [1] }'),
    '2:46: checks.it.args[0]: expected a text of up to 32768 characters, got the number 1; put it into quotation marks to make it a text',
  ],
  [
    'has parts without names',
    check('{ type: all, of: [{ type: tcp, address: "a:1" }] }'),
    '2:24: checks.it.of: expected a mapping, got a list; give each of them a name: { NAME: ... }',
  ],
  [
    'switches damping on with a word',
    check('{ type: tcp, address: "a:1", damping: true }'),
    '2:45: checks.it.damping: expected a mapping, got the value true; write {} for its defaults',
  ],
  [
    'switches damping off with a word',
    check('{ type: tcp, address: "a:1", damping: false }'),
    '2:45: checks.it.damping: expected a mapping, got the value false; leave it out',
  ],
  [
    'switches the observer on with a word',
    `health: { observer: true }\n${check('{ type: push, ttl: 1h }')}`,
    '1:21: health.observer: expected false or a mapping, got the value true; write {} for its defaults',
  ],
  [
    'has a step that says nothing',
    check('{ type: script, address: "a:1", steps: [{ wait: hello }, { send: a, expect: b }] }'),
    '2:47: checks.it.steps[0]: expected a mapping with "send" or "sendHex" or "expect" or "expectHex" or { startTls: true }, got one with "wait"',
    '2:64: checks.it.steps[1]: expected a mapping with "send" or "sendHex" or "expect" or "expectHex" or { startTls: true }, got one with "send" and "expect"',
  ],

  // Limits that could never be exceeded.
  [
    'misspells what a limit is about',
    check('{ type: tcp, address: "a:1", thresholds: [{ measure: duraton-ms, enter: 5 }] }'),
    '2:60: checks.it.thresholds[0].measure: this probe does not measure "duraton-ms"; did you mean "duration-ms"?',
  ],
  [
    'has a limit about what another probe measures',
    health('{ type: tcp, thresholds: [{ measure: lag-seconds, enter: 5 }] }'),
    '4:50: pools.shop.health.thresholds[0].measure: this probe does not measure "lag-seconds"; it measures: duration-ms, dns-ms, connect-ms',
  ],
  [
    'has a limit about a part without its name',
    check('{ type: all, of: { web: { type: http, url: "http://a/" } }, thresholds: [{ measure: web.duration-ms, enter: 5 }] }'),
    '2:91: checks.it.thresholds[0].measure: this probe does not measure "web.duration-ms"; did you mean "duration-ms"?',
  ],
  [
    'has a window that never holds enough',
    check('{ type: tcp, address: "a:1", interval: 5s, thresholds: [{ measure: duration-ms, of: percentile, enter: 5 }] }'),
    '2:63: checks.it.thresholds[0]: it takes 20 looks, and in a window of 1m there are 12 at most; write "window: 1m45s", or "minSamples: 12", or it never says anything',
  ],
  [
    'has a rate of single looks',
    check('{ type: tcp, address: "a:1", interval: 1m, thresholds: [{ measure: duration-ms, of: rate, enter: 5 }] }'),
    '2:63: checks.it.thresholds[0]: it takes 2 looks, and in a window of 1m there are 1 at most; write "window: 3m", or it never says anything',
  ],
  [
    'has a time that begins anew with each look',
    check('{ type: tcp, address: "a:1", interval: 10m, thresholds: [{ measure: duration-ms, enter: 5, enterFor: 30m }] }'),
    '2:64: checks.it.thresholds[0]: between two looks lie 10m, more than "maxGap" (5m): "enterFor" and "leaveFor" would begin anew with each; write "maxGap: 20m"',
  ],

  // Where it looks.
  ['has a check without an address', check('{ type: redis }'), '2:3: checks.it.address: missing; expected an address like 10.0.0.11'],
  [
    'has no port where the protocol has none',
    check('{ type: grpc, address: 10.0.0.1 }'),
    '2:30: checks.it.address: expected an address like 127.0.0.1:5432, got the text "10.0.0.1"; write host:port, like 127.0.0.1:5432',
  ],
  [
    'has a port where none is used',
    check('{ type: icmp, address: "10.0.0.1:7" }'),
    '2:30: checks.it.address: expected a host like 10.0.0.1, got the text "10.0.0.1:7"; write a host name or an IP address, like 10.0.0.11',
  ],
  [
    'has an address with a port that is none',
    check('{ type: smtp, address: "mail:99999" }'),
    '2:30: checks.it.address: expected an address like 10.0.0.11, got the text "mail:99999"; the port is a number from 0 to 65535',
  ],
  [
    'has a URL of another kind',
    check('{ type: websocket, url: "http://a/" }'),
    '2:31: checks.it.url: expected a URL like ws://127.0.0.1:8080/, got the text "http://a/"; must begin with ws:// or wss://',
  ],
  [
    'gives the probe of a pool an address of its own',
    health('{ type: redis, address: "10.0.0.1:6379" }'),
    '4:28: pools.shop.health: unknown key "address"; known here: type, port, family, security, tls, user, password, role, maxLagSeconds, interval, fastInterval, downInterval, timeout, rise, fall, initial, damping, thresholds, dependsOn, trafficFailures, agent',
  ],
  [
    'has a port of a probe that is none',
    health('{ type: http, port: 0 }'),
    '4:33: pools.shop.health.port: expected a whole number from 1 to 65535, got the number 0',
  ],

  // The options of a package, together.
  ['has a user without a password', check('{ type: redis, address: r, user: ops }'), '2:40: checks.it.user: needs a password'],
  [
    'has a password that is shown nowhere',
    check('{ type: redis, address: r, password: 12345678 }'),
    '2:44: checks.it.password: expected a password like ${env:PASSWORD}, got a value that is not shown; put it into quotation marks to make it a text',
  ],
  [
    'has a password that is too short to be hidden',
    check('{ type: redis, address: r, password: abc }'),
    '2:44: checks.it.password: a password of fewer than 4 characters; it is too short to be kept out of logs',
  ],
  [
    'expects what an answer to HEAD cannot have',
    health('{ type: http, method: HEAD, json: { /status: UP } }'),
    '4:47: pools.shop.health.json: an answer to HEAD has no body',
  ],
  [
    'offers HTTP/2 where 1.1 is spoken',
    health('{ type: http, alpn: [h2] }'),
    '4:33: pools.shop.health.alpn: h2 needs httpVersion 2 or auto',
  ],
  [
    'has a body to send with GET',
    health('{ type: http, requestBody: x }'),
    '4:40: pools.shop.health.requestBody: only POST and PUT send one',
  ],
  [
    'has a pattern that is none',
    health('{ type: http, bodyPattern: "(" }'),
    '4:40: pools.shop.health.bodyPattern: expected a text, got the text "("; must be a regular expression of at most 200 characters, without back-references and look-around',
  ],
  [
    'asks for equal serials without asking for one',
    check('{ type: dns, address: 10.0.0.53, name: example.com, sameSerialOn: [10.0.0.54] }'),
    '2:73: checks.it.sameSerialOn: needs recordType: SOA',
  ],
  [
    'expects what is no record',
    check('{ type: dns, address: 10.0.0.53, name: example.com, expectAnswers: [x.1] }'),
    '2:74: checks.it.expectAnswers: "x.1" is no A record',
  ],
  [
    'expects what is no record, and does not have it in itself',
    check('{ type: dns, address: 10.0.0.53, name: example.com, expectAnswers: ["${env:SHORT}"] }'),
    '2:74: checks.it.expectAnswers: a value that is not shown is no A record',
  ],
  [
    'has a metric without a limit',
    check('{ type: metric, url: "http://a/metrics", series: node_load1 }'),
    '2:7: checks.it: one of warnAbove, failAbove, warnBelow, failBelow is needed',
  ],
  [
    'has limits of a disk in the wrong order',
    check('{ type: system, what: disk, warnAt: 0.9, failAt: 0.8 }'),
    '2:43: checks.it.warnAt: must not be beyond failAt',
  ],
  [
    'has too little time for its pings',
    check('{ type: icmp, address: 10.0.0.1, count: 10, timeout: 1s }'),
    '2:60: checks.it.timeout: must be longer than all the intervals',
  ],
  [
    'has an option out of its bounds',
    check('{ type: icmp, address: 10.0.0.1, maxLossRatio: 2 }'),
    '2:54: checks.it.maxLossRatio: expected a number from 0 to 1, got the number 2; as a share of 1, 2 % is 0.02',
  ],
  [
    'has a number for a name in TLS',
    check('{ type: tls, address: a, family: 5 }'),
    '2:40: checks.it.family: expected 4 or 6, got the number 5',
  ],
  [
    'has a script with an unknown word',
    check('{ type: script, address: "a:1", steps: [{ say: hello }] }'),
    expect.stringMatching(/^2:\d+: checks\.it\.steps\[0\]/),
  ],

  // When, and what is made of it.
  [
    'is faster than it may be',
    health('{ type: tcp, interval: 1s, fastInterval: 2s }'),
    '4:54: pools.shop.health.fastInterval: must not be longer than interval',
  ],
  [
    'has requests that count in a check without requests',
    check('{ type: tcp, address: "a:1", trafficFailures: 5 }'),
    '2:36: checks.it: unknown key "trafficFailures"; known here: type, address, interval, fastInterval, downInterval, timeout, rise, fall, initial, damping, thresholds, dependsOn, group, canary',
  ],
  [
    'believes something that is no state',
    health('{ type: tcp, initial: healthy }'),
    '4:35: pools.shop.health.initial: expected one of unknown, up, down, got the text "healthy"',
  ],
  [
    'lets go of what flaps before it holds it',
    health('{ type: tcp, damping: { holdAtPenalty: 2, releaseAtPenalty: 3 } }'),
    '4:73: pools.shop.health.damping.releaseAtPenalty: must be below holdAtPenalty',
  ],
  [
    'misspells a rule of damping',
    health('{ type: tcp, damping: { maxhold: 1m } }'),
    '4:37: pools.shop.health.damping: unknown key "maxhold"; did you mean "maxHold"?',
  ],
  [
    'has a threshold without a limit',
    health('{ type: tcp, thresholds: [{ measure: connect-ms }] }'),
    '4:39: pools.shop.health.thresholds[0].enter: missing; expected a number',
  ],
  [
    'has a threshold that is left on its bad side',
    health('{ type: tcp, thresholds: [{ measure: connect-ms, enter: 50, leave: 60 }] }'),
    '4:80: pools.shop.health.thresholds[0].leave: must not lie on the bad side of enter',
  ],
  [
    'has two thresholds of one name',
    health('{ type: tcp, thresholds: [{ measure: connect-ms, enter: 50 }, { measure: connect-ms, enter: 90 }] }'),
    '4:75: pools.shop.health.thresholds[1]: another threshold of the list has the same name: give it a "name" of its own',
  ],
  [
    'has an agent without a port',
    health('{ type: tcp, agent: {} }'),
    '4:26: pools.shop.health.agent.port: missing; expected a whole number from 1 to 65535',
  ],
  [
    'lets the silence of an agent count',
    health('{ type: tcp, agent: { port: 9, unreachable: fail } }'),
    expect.stringContaining('4:44: pools.shop.health.agent: unknown key "unreachable"'),
  ],
  [
    'misspells a rule for outliers',
    `${POOLS}    outliers: { baseEjectionMs: 5 }\n`,
    '4:17: pools.shop.outliers: unknown key "baseEjectionMs"; did you mean "baseEjection"?',
  ],
  ['switches outliers on', `${POOLS}    outliers: true\n`, expect.stringContaining('4:15: pools.shop.outliers: expected false')],

  // A job, and several probes as one.
  ['has a job without a time', check('{ type: push }'), '2:3: checks.it.ttl: missing; expected a duration like 500ms'],
  [
    'has a job with a deadline',
    check('{ type: push, ttl: 1d, timeout: 1s }'),
    expect.stringContaining('2:30: checks.it: unknown key "timeout"'),
  ],
  ['is made of nothing', check('{ type: all, of: {} }'), '2:24: checks.it.of: at least one part is needed'],
  [
    'needs more parts than there are',
    check('{ type: atLeast, count: 2, of: { a: { type: tcp, address: "a:1" } } }'),
    '2:31: checks.it.count: is more than there are parts',
  ],
  [
    'does not say how many parts it needs',
    check('{ type: atLeast, of: { a: { type: tcp, address: "a:1" } } }'),
    '2:3: checks.it.count: missing; expected a whole number from 1 to 64',
  ],
  [
    'is made of parts that are made of parts',
    check('{ type: all, of: { a: { type: any, of: {} } } }'),
    `2:37: checks.it.of.a.type: expected one of ${TYPES}, exec, system, got the text "any"`,
  ],
  [
    'has a part with a pace of its own',
    check('{ type: all, of: { a: { type: tcp, address: "a:1", interval: 1s } } }'),
    '2:58: checks.it.of.a: unknown key "interval"; known here: type, address, timeout',
  ],
  [
    'has a part with a bad name',
    check('{ type: all, of: { "a b": { type: tcp, address: "a:1" } } }'),
    '2:26: checks.it.of: the name "a b" is not allowed; up to 63 letters, digits, "-", "_" and "."; a letter first',
  ],

  // What leans on what.
  [
    'leans on what is not there',
    `${health('{ type: tcp, dependsOn: [uplnk, shop/c, nowhere/a] }')}${check('{ type: tcp, address: "a:1" }').replace('it:', 'uplink:')}`,
    '4:38: pools.shop.health.dependsOn[0]: there is no check "uplnk"; did you mean "uplink"?',
    '4:45: pools.shop.health.dependsOn[1]: there is no target "shop/c"; did you mean "shop/b"?',
    '4:53: pools.shop.health.dependsOn[2]: there is no target "nowhere/a"; known targets: shop/10.0.0.11:8080, shop/b, shop/*',
  ],
  [
    'leans on a pool by its name',
    `${POOLS}${check('{ type: tcp, address: "a:1", dependsOn: [shop] }')}`,
    '5:48: checks.it.dependsOn[0]: this is a pool; write "shop/*" for all of its targets',
  ],
  [
    'names what it leans on by a secret',
    check('{ type: tcp, address: "a:1", dependsOn: ["${env:NAME}"] }'),
    '2:48: checks.it.dependsOn[0]: there is no check named as the value of ${env:NAME}',
  ],
  [
    'leans on what is no name',
    check('{ type: tcp, address: "a:1", dependsOn: ["a b"] }'),
    '2:48: checks.it.dependsOn[0]: expected a check or target like shop/10.0.0.11:8080, got the text "a b"; write the name of a check, pool/target, or pool/* for all targets of a pool',
  ],
  [
    'leans on itself',
    check('{ type: tcp, address: "a:1", dependsOn: [it] }'),
    '2:48: checks.it.dependsOn[0]: it would lean on itself: check it -> check it; take one of these out',
  ],
  [
    'leans on itself by way of others',
    `${health('{ type: tcp, dependsOn: [one] }')}checks:\n  one: { type: tcp, address: "a:1", dependsOn: [two] }\n  two: { type: tcp, address: "a:1", dependsOn: { on: [shop/b] } }\n`,
    '7:55: checks.two.dependsOn.on[0]: it would lean on itself: pool shop -> check one -> check two -> pool shop; take one of these out',
  ],
  [
    'leans on one thing twice',
    `${POOLS}${check('{ type: tcp, address: "a:1", dependsOn: [shop/b, "shop/*"] }')}`,
    '5:56: checks.it.dependsOn[1]: this is there twice; name each target or check once',
  ],
  [
    'needs more than it leans on',
    `${POOLS}${check('{ type: tcp, address: "a:1", dependsOn: { on: ["shop/*"], need: 3 } }')}`,
    '5:71: checks.it.dependsOn.need: is more than there are names',
  ],

  // What holds for all.
  [
    'has a quorum of one',
    `${POOLS}health: { quorum: {} }\n`,
    '4:11: health.quorum: a quorum needs a cluster; write the key "cluster", or take this out',
  ],
  [
    'has a quorum by count and by share',
    `${POOLS}health: { quorum: { atLeast: 2, share: 0.5 } }\n`,
    '4:11: health.quorum: a quorum needs a cluster; write the key "cluster", or take this out',
    '4:40: health.quorum.share: a count and a share exclude each other: leave out atLeast or share',
  ],
  [
    'misspells a rule for the observer',
    `${POOLS}health: { observer: { lagratio: 0.5 } }\n`,
    '4:23: health.observer: unknown key "lagratio"; did you mean "lagRatio"?',
  ],
  [
    'has a window without a unit',
    `${POOLS}health: { dependencyWindow: 5 }\n`,
    '4:29: health.dependencyWindow: expected a duration like 500ms, got the number 5; it has no unit; did you mean "5ms" or "5s"?',
  ],
]

describe('a file is refused, with each problem in its place, where it', () => {
  it.each(BAD.map(([title, text, ...lines]) => [title, text, lines] as const))('%s', async (_, text, lines) => {
    const found = await problems(text)
    expect(found).toEqual(lines)
    expect(found.join('\n')).not.toContain('swordfish')
  })
})
