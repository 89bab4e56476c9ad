import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSampleLine } from './metric/sample.ts'
import { parseSelector } from './metric/selector.ts'
import { SeriesReader } from './metric/series-reader.ts'
import { metricProbe } from './metric.ts'
import type { ProbeFailure } from './probe.ts'
import { closedPort, type HostileBehaviour, hostileBehaviours, loopbackServer, probeContract, slowDrip } from './testing/index.ts'

const timeoutMs = 15_000
const PROMTOOL = '/usr/bin/promtool'

/** Serves a page, of which a test may change the text. */
function exporter(page: () => string): HostileBehaviour {
  return (socket) => {
    socket.once('data', () => {
      const body = page()
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
    })
  }
}

const urlOf = ({ port }: { readonly port: number }) => `http://127.0.0.1:${port}/metrics`

probeContract({
  runner: { describe, it },
  name: 'metricProbe',
  healthy: async () => {
    const server = await loopbackServer(exporter(() => 'node_load1 0.5\n'))
    return { ...server, probe: metricProbe({ url: urlOf(server), series: 'node_load1', failAbove: 4, timeoutMs }) }
  },
  dead: async () => ({
    probe: metricProbe({ url: urlOf({ port: await closedPort() }), series: 'node_load1', failAbove: 4, timeoutMs }),
    close: () => Promise.resolve(),
  }),
  silent: async () => {
    const server = await loopbackServer(hostileBehaviours.silence)
    return { ...server, probe: metricProbe({ url: urlOf(server), series: 'node_load1', failAbove: 4, timeoutMs: 60 }) }
  },
})

const good = { url: 'http://127.0.0.1:9100/metrics', series: 'up', failBelow: 1 }

describe('metricProbe', () => {
  it.each([
    { change: { url: 'ftp://x/' }, says: 'url' },
    { change: { url: 'http://user:hush@x/' }, says: 'url' },
    { change: { series: 'up{' }, says: 'series' },
    { change: { series: 'up{a=~"("}' }, says: 'series' },
    { change: { dividedBy: '5' }, says: 'dividedBy' },
    { change: { failBelow: undefined }, says: 'warnAbove' },
    { change: { failBelow: Number.NaN }, says: 'failBelow' },
    { change: { headers: { 'a b': 'x' } }, says: 'headers' },
    { change: { above: 1 }, says: 'above' },
  ])('rejects options that are not valid, and names $says', ({ change, says }) => {
    const make = () => metricProbe({ ...good, ...change })
    expect(make).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS', message: expect.stringContaining(says) }))
    expect(make).not.toThrow(/hush/)
  })

  const { garbage, silence, emptyReply, reset, halfResponse, halfChunk, halfHeader, resetInBody, endlessHeader } = hostileBehaviours
  const rows: readonly {
    name: string
    behaviour: HostileBehaviour
    reason: ProbeFailure
    detail: RegExp
    timeoutMs?: number
    https?: true
  }[] = [
    { name: 'garbage', behaviour: garbage, reason: 'protocol', detail: /^not HTTP/ },
    { name: 'silence', behaviour: silence, reason: 'timeout', detail: /waiting for the answer$/, timeoutMs: 100 },
    { name: 'an empty reply', behaviour: emptyReply, reason: 'closed', detail: /closed/ },
    { name: 'a reset', behaviour: reset, reason: 'reset', detail: /reset/ },
    { name: 'half a header', behaviour: halfHeader, reason: 'closed', detail: /closed/ },
    { name: 'half a page', behaviour: halfResponse, reason: 'closed', detail: /closed/ },
    { name: 'half a chunk', behaviour: halfChunk, reason: 'closed', detail: /closed/ },
    { name: 'a reset in the page', behaviour: resetInBody, reason: 'reset', detail: /reset/ },
    {
      name: 'endless interim answers',
      behaviour: hostileBehaviours.endlessInterim,
      reason: 'protocol',
      detail: /interim answers without end$/,
    },
    { name: 'an endless header', behaviour: endlessHeader, reason: 'header-overflow', detail: /./ },
    {
      name: 'another status',
      behaviour: hostileBehaviours.longPhrase,
      reason: 'status',
      detail: /^503 Service Unavailable, expected 200$/,
    },
    { name: 'an uninvited upgrade', behaviour: hostileBehaviours.uninvitedUpgrade, reason: 'protocol', detail: /upgrade/ },
    { name: 'a web page', behaviour: exporter(() => '<html>\n'), reason: 'protocol', detail: /^line 1 is not in the text format/ },
    { name: 'a page without an end', behaviour: exporter(() => 'up 1\nup{a="b'), reason: 'protocol', detail: /^line 2 has no end/ },
    {
      name: 'a long page',
      behaviour: exporter(() => 'up 1\n'.repeat(1_000)),
      reason: 'protocol',
      detail: /^the page is longer than 1000 bytes$/,
    },
    {
      name: 'a slow drip',
      behaviour: slowDrip(20, `HTTP/1.1 200 OK\r\n\r\n${'# \n'.repeat(1_000)}`),
      reason: 'timeout',
      detail: /while (?:waiting for the answer|reading the page)$/,
      timeoutMs: 150,
    },
    { name: 'TLS spoken to a plain port', behaviour: garbage, reason: 'tls', detail: /^TLS failed/, https: true },
  ]
  it.each(rows)('$name fails as $reason', async ({ behaviour, reason, detail, https, timeoutMs: soonMs = timeoutMs }) => {
    await using server = await loopbackServer(behaviour)
    const url = https ? `https://127.0.0.1:${server.port}/` : urlOf(server)
    const result = await metricProbe({ ...good, url, timeoutMs: soonMs, maxBodyBytes: 1_000 }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason })
    expect(result.detail).toMatch(detail)
    await expect.poll(() => server.openConnections(), { timeout: 5_000 }).toBe(0)
  })

  it('a page that breaks at any byte has a reason', async () => {
    const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\nup{job="web"} 1\nx 1\n'
    for (let length = 0; length < whole.length - 1; length += 7) {
      await using server = await loopbackServer((socket) => {
        socket.once('data', () => socket.write(whole.slice(0, length), () => socket.resetAndDestroy()))
      })
      const result = await metricProbe({ ...good, url: urlOf(server), timeoutMs }).run()
      expect(result).toMatchObject({ outcome: 'fail', reason: expect.stringMatching(/^(?:reset|closed)$/) })
    }
  })

  it('keeps query and headers to itself', async () => {
    await using server = await loopbackServer(reset)
    const probe = metricProbe({ ...good, url: `${urlOf(server)}?token=hush`, headers: { authorization: 'Bearer hush' }, timeoutMs })
    expect(JSON.stringify([probe, await probe.run()])).not.toContain('hush')
  })

  const page = [
    '# HELP node_filesystem_avail_bytes Free.',
    'node_filesystem_avail_bytes{device="/dev/vda",mountpoint="/"} 25',
    'node_filesystem_avail_bytes{mountpoint="/data",device="/dev/vdb"} 5e0',
    'node_filesystem_avail_bytes{device="none",mountpoint="/proc"} 0',
    'node_filesystem_size_bytes{device="/dev/vda",mountpoint="/"} 100 1700000000000',
    'node_filesystem_size_bytes{device="/dev/vdb",mountpoint="/data"} 100',
    'node_filesystem_size_bytes{device="none",mountpoint="/proc"} 0',
    'node_load1 3.5',
    'broken_gauge NaN',
    'endless_gauge +Inf',
    '',
  ].join('\n')
  it.each([
    {
      options: { series: 'node_load1', warnAbove: 2, failAbove: 4 },
      result: { outcome: 'degraded', detail: 'node_load1 is 3.5, above 2', measures: { node_load1: 3.5, 'series-count': 1 } },
    },
    { options: { series: 'node_load1', failAbove: 3.5 }, result: { outcome: 'pass', detail: 'node_load1 is 3.5' } },
    { options: { series: 'node_load1', failBelow: 3.5 }, result: { outcome: 'pass' } },
    { options: { series: 'node_load1', warnBelow: 4 }, result: { outcome: 'degraded', detail: 'node_load1 is 3.5, below 4' } },
    {
      options: { series: 'endless_gauge', failAbove: 1 },
      result: { outcome: 'fail', reason: 'limit', detail: 'endless_gauge is Infinity, above 1' },
    },
    {
      options: { series: 'node_filesystem_avail_bytes', dividedBy: 'node_filesystem_size_bytes', warnBelow: 0.3, failBelow: 0.1 },
      result: {
        outcome: 'fail',
        reason: 'limit',
        detail: 'node_filesystem_avail_bytes-ratio{device="/dev/vdb",mountpoint="/data"} is 0.05, below 0.1',
        measures: { 'node_filesystem_avail_bytes-ratio': 0.05, 'series-count': 2 },
      },
    },
    {
      options: { series: 'node_filesystem_avail_bytes{mountpoint!="/data"}', dividedBy: 'node_filesystem_size_bytes', failBelow: 0.1 },
      result: { outcome: 'pass' },
    },
    {
      options: { series: 'node_filesystem_avail_bytes{device=~"/dev/.*"}', combine: 'sum', failBelow: 31 } as const,
      result: { outcome: 'fail', detail: 'node_filesystem_avail_bytes is 30, below 31' },
    },
    {
      options: { series: 'node_filesystem_avail_bytes{device=~"/dev/.*"}', combine: 'average', failAbove: 14 } as const,
      result: { outcome: 'fail', measures: { node_filesystem_avail_bytes: 15, 'series-count': 1 } },
    },
    {
      options: { series: 'gone', failAbove: 1 },
      result: { outcome: 'fail', reason: 'unexpected', detail: 'no series of gone has a value' },
    },
    { options: { series: 'broken_gauge', failAbove: 1 }, result: { outcome: 'fail', reason: 'unexpected' } },
    { options: { series: 'gone', failAbove: 1, missing: 'degraded' } as const, result: { outcome: 'degraded' } },
    { options: { series: 'gone', failAbove: 1, missing: 'pass' } as const, result: { outcome: 'pass' } },
    { options: { series: 'gone', failAbove: 1, missing: 'inconclusive' } as const, result: { outcome: 'inconclusive' } },
  ])('$options.series $#: $result.outcome', async ({ options, result }) => {
    await using server = await loopbackServer(exporter(() => page))
    expect(await metricProbe({ url: urlOf(server), ...options, timeoutMs }).run()).toMatchObject(result)
  })

  it('judges how fast a counter grows, over a restart of the exporter too', async () => {
    let value = 100
    await using server = await loopbackServer(exporter(() => `errors_total ${value}\n`))
    const clock = new TestClock()
    const probe = metricProbe({ url: urlOf(server), series: 'errors_total', perSecond: true, failAbove: 5, timeoutMs, clock })
    expect(await probe.run()).toMatchObject({ outcome: 'inconclusive' })
    await clock.advance(10_000)
    value = 130
    expect(await probe.run()).toMatchObject({ outcome: 'pass', measures: { 'errors_total-per-second': 3 } })
    await clock.advance(10_000)
    value = 190
    expect(await probe.run()).toMatchObject({ outcome: 'fail', reason: 'limit' })
    await clock.advance(10_000)
    value = 10
    expect(await probe.run()).toMatchObject({ outcome: 'pass', measures: { 'errors_total-per-second': 1 } })
  })
})

describe('the text format', () => {
  const accepted = [
    'up 1',
    'up\t1',
    ' up 1',
    'up infinity',
    'up -Infinity',
    'up 1 +5',
    'a:b_C9 -1.5e-3',
    'up{} 1',
    'up{a="b"} 1',
    'up{a="b",} 1',
    'up { a = "b" , c="d" } 1',
    'up{a="b"}1',
    'up NaN',
    'up +Inf',
    'up -Inf',
    'up 1 1700000000000',
    'up 1 -5',
    'up{a="\\\\ \\" \\n"} 1',
    'up{a="}"} 1',
    'up{a="ü"} .5',
    'up 5.',
    '# anything',
    '#',
    '',
  ]
  const refused = [
    'up',
    '1',
    'up x',
    'up 1 x',
    'up 1 2 3',
    'up{a="b} 1',
    'up{a=b} 1',
    'up{a="b" c="d"} 1',
    'up{="b"} 1',
    'up{,} 1',
    'up{a="\\t"} 1',
    'up{a="b"',
    'up{1="b"} 1',
    'up 1_0',
    'up-down 1',
    '<html>',
    'up 1,5',
    'up{a="b"} ',
    'up 0x',
    'up inf1',
    'up{a="b",a="c"} 1',
    'up{a="b",,} 1',
  ]

  it.each(accepted)('accepts `%s`', (line) => {
    expect(parseSampleLine(line)).toBeDefined()
  })

  it('does not mind blanks at the end of a line', () => {
    expect(parseSampleLine('up 1 \t')).toMatchObject({ value: 1 })
  })

  it.each(refused)('refuses `%s`', (line) => {
    expect(parseSampleLine(line)).toBeUndefined()
  })

  it('agrees with promtool on each of these lines', (context) => {
    if (!existsSync(PROMTOOL)) return context.skip(`${PROMTOOL} is not installed`)
    // 3 is for names that are no good style.
    const takes = (page: string) => [0, 3].includes(spawnSync(PROMTOOL, ['check', 'metrics'], { input: page }).status ?? -1)
    expect(takes(accepted.map((line) => `${line}\n`).join(''))).toBe(true)
    expect(refused.filter((line) => takes(`${line}\n`))).toEqual([])
  })

  it('reads names, labels and escapes', () => {
    expect(parseSampleLine('up{a="\\\\n\\"\\n",b=""} 2.5e3 17')).toEqual({
      name: 'up',
      labels: new Map([
        ['a', '\\n"\n'],
        ['b', ''],
      ]),
      value: 2_500,
    })
  })

  it('never throws, whatever the line is', () => {
    const pieces = fc.array(fc.oneof(fc.string(), fc.constantFrom('up', '{', '}', 'a="b"', ',', ' ', '\\', '"', '1', '#')))
    const read = () =>
      fc.assert(
        fc.property(pieces, (parts) => void parseSampleLine(parts.join(''))),
        { numRuns: 1_000 },
      )
    expect(read).not.toThrow()
  })

  it('reads what was written, however it is cut into pieces', () => {
    const label = fc.tuple(fc.stringMatching(/^[a-z_][a-z0-9_]{0,5}$/), fc.string())
    const sample = fc.record({
      labels: fc.uniqueArray(label, { selector: ([name]) => name, maxLength: 4 }),
      value: fc.double({ noNaN: true }),
    })
    fc.assert(
      fc.property(sample, fc.nat(), ({ labels, value }, cut) => {
        const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
        const text = `# c\nm{${labels.map(([name, held]) => `${name}="${escaped(held)}"`).join(',')}} ${String(value).replace('Infinity', 'Inf')}\nother 1\n`
        const reader = new SeriesReader([parseSelector('m')!])
        const at = cut % text.length
        expect([reader.add(text.slice(0, at)), reader.add(text.slice(at)), reader.end()]).toEqual([undefined, undefined, undefined])
        expect([...(reader.series[0] ?? [])].map(([, held]) => held + 0)).toEqual([value + 0])
      }),
    )
  })

  it('a line or a number of series without end is refused', () => {
    const reader = () => new SeriesReader([parseSelector('m')!])
    expect(reader().add('m'.repeat(70_000))).toMatch(/^a line is longer/)
    expect(reader().add(Array.from({ length: 10_001 }, (_, index) => `m{i="${index}"} 1\n`).join(''))).toBe('more than 10000 series match')
  })
})

describe('a selector', () => {
  it.each(['', '5', 'up{', 'up}', 'up{a}', 'up{a="b"c="d"}', 'up{a=~"("}', '{a="b"}', 'up{a=="b"}', 'up x'])('refuses `%s`', (text) => {
    expect(parseSelector(text)).toBeUndefined()
  })

  it.each([
    ['up', true],
    ['up{}', true],
    ['down', false],
    ['up{job="web"}', true],
    ['up{job="we"}', false],
    ['up{job!="web"}', false],
    ['up{gone=""}', true],
    ['up{gone!=""}', false],
    ['up{job=~"we"}', false],
    ['up{job=~"we.|db"}', true],
    ['up{job!~"db|x", zone = "a\\"b",}', true],
  ])('`%s`: %s', (text, matches) => {
    const sample = parseSampleLine('up{job="web",zone="a\\"b"} 1')
    expect(sample !== 'none' && sample && parseSelector(text)?.matches(sample)).toBe(matches)
  })

  it('never throws, whatever it is', () => {
    expect(() => fc.assert(fc.property(fc.string(), (text) => void parseSelector(`up{${text}}`)))).not.toThrow()
  })
})
