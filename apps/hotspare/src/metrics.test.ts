import { spawnSync } from 'node:child_process'
import type { AlertEvent } from '@hotspare/alert'
import type { TargetState } from '@hotspare/core'
import type { ProxyEvent, RequestOutcome } from '@hotspare/proxy'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createMetrics, type Gauges, type Metrics } from './metrics.ts'
import { createTrafficMetrics, type TrafficMetrics } from './traffic-metrics.ts'

type AllMetrics = Omit<Metrics, 'scrape'> & Pick<TrafficMetrics, 'countProxyEvent'> & { scrape(): Promise<string> }

/** Those of control, with those of the worker as they come from another process. */
function metricsOf(gauges: Partial<Gauges> = {}): AllMetrics {
  const processes = () => [{ process: 'worker', residentBytes: 50_000_000, cpuSeconds: 1.5 }]
  const none = {
    targets: () => [],
    proxies: () => [],
    alertsPending: () => 0,
    watched: () => [],
    engines: () => [],
    engineServers: () => [],
    dnsRecords: () => [],
    observerIsWell: () => true,
    checks: new Set<string>(),
  }
  const metrics = createMetrics({ ...none, processes, ...gauges })
  const traffic = createTrafficMetrics({
    passive: () => [],
    poolOf: (targetId) => targetId.split('/')[0],
    connections: () => [{ proxy: 'web', connections: 3 }],
    accessLogs: () => [{ file: '/var/log/access "1".log', lines: 7, dropped: 2 }],
  })
  onTestFinished(async () => {
    await metrics.stop()
    await traffic.stop()
  })
  return {
    ...metrics,
    countProxyEvent: (proxy, event) => traffic.countProxyEvent(proxy, event),
    scrape: async () => metrics.scrape(structuredClone(await traffic.collect())),
  }
}

function finished(outcome: RequestOutcome, status: number, changes: Partial<ProxyEvent> = {}): ProxyEvent {
  const bytes = { receivedBytes: 10, sentBytes: 100 }
  const event = { type: 'request-finished', at: 1, method: 'GET', outcome, status, targetId: 'shop/a', attempts: 1, durationMs: 12 }
  return { ...event, ...bytes, ...changes } as ProxyEvent
}

function alert(type: AlertEvent['type'], channel: string): AlertEvent {
  return { type, at: 1, channel, alertId: 'id', key: 'key', attempt: 1, reason: 'x', retryInMs: 1, tookMs: 1 }
}

/** The lines of one metric, without its comments. */
async function series(metrics: AllMetrics, name: string): Promise<string[]> {
  return (await metrics.scrape()).split('\n').filter((line) => new RegExp(`^hotspare_${name}[ {]`).test(line))
}

/** Everything has happened once, with the worst names that a configuration and a network can give. */
function busy(): AllMetrics {
  const target = { pool: 'shop', target: 'shop/[::1]:8080', up: true, state: 'up' as const, active: 2 }
  const metrics = metricsOf({
    targets: () => [target, { ...target, target: 'a"b\\c\nd' }],
    proxies: () => [{ proxy: '[::]:8080', active: 1 }],
    alertsPending: () => 3,
  })
  metrics.countProbe({ type: 'probe-finished', at: 1, targetId: 'shop/a', result: { outcome: 'pass', durationMs: 1, detail: 'x' } })
  const failure = { reason: 'refused', detail: 'x', sent: false } as const
  metrics.countProxyEvent('web', { type: 'attempt-finished', at: 1, targetId: 'shop/a', failure, durationMs: 1 })
  metrics.countProxyEvent('web', { type: 'request-retried', at: 1, method: 'GET', targetId: 'shop/a', failure, attempt: 1 })
  metrics.countProxyEvent('web', finished('answered', 200, { firstByteMs: 3 }))
  metrics.countProxyEvent('web', finished('refused', 503, { reason: 'budget-used-up', targetId: undefined }))
  metrics.countAlert(alert('alert-delivered', 'ops'))
  return metrics
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? (\S+)$/

/** What is wrong with a text by the exposition format of Prometheus, 0.0.4. */
function problemsOf(text: string): string[] {
  const problems: string[] = []
  const types = new Map<string, string>()
  const seen = new Set<string>()
  const closed = new Set<string>()
  let current = ''
  if (!text.endsWith('\n')) problems.push('the last line has no end')
  for (const line of text.split('\n').slice(0, -1)) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    const [, sample, labels = '', value = ''] = SAMPLE.exec(line) ?? []
    if (keyword === undefined && sample === undefined) {
      problems.push(`neither a comment that we write nor a sample: ${line}`)
      continue
    }
    const family = sample === undefined ? name : familyOf(sample, types)
    if (family !== current && closed.has(family)) problems.push(`${family} is in two places`)
    if (family !== current) closed.add(current)
    current = family
    if (keyword === 'TYPE') {
      if (!NAME.test(name) || types.has(name)) problems.push(`a wrong or a second type of ${name}`)
      if (!['counter', 'gauge', 'histogram'].includes(rest)) problems.push(`no type: ${line}`)
      types.set(name, rest)
    }
    if (sample === undefined) continue
    if (!types.has(family)) problems.push(`no type comes before ${line}`)
    if (seen.has(`${sample}{${labels}}`)) problems.push(`twice: ${line}`)
    seen.add(`${sample}{${labels}}`)
    const names = [...labels.matchAll(/([a-zA-Z_]\w*)="(?:[^"\\]|\\.)*"/g)].map(([, label]) => label)
    if (new Set(names).size < names.length) problems.push(`a label is there twice: ${line}`)
    if (!/^(?:[+-]?Inf|NaN|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.test(value)) problems.push(`no number: ${line}`)
  }
  return problems
}

function familyOf(sample: string, types: ReadonlyMap<string, string>): string {
  const base = sample.replace(/_(?:bucket|sum|count)$/, '')
  return types.get(base) === 'histogram' ? base : sample
}

describe('a scrape', () => {
  it.each([
    ['nothing happened', () => metricsOf()],
    ['everything happened', busy],
  ])('is in the format of Prometheus when %s', async (_what, make) => {
    expect(problemsOf(await make().scrape())).toEqual([])
  })

  it('would be seen to be wrong by the check that this test makes', () => {
    const wrong = [
      'x 1',
      '# TYPE x counter\nx{a=b} 1',
      '# TYPE x counter\nx 1\nx 1',
      '# TYPE x thing\nx 1',
      '# TYPE x gauge\nx one',
      '# TYPE x gauge\nx{a="1",a="2"} 1',
    ]
    for (const text of wrong) expect([text, problemsOf(`${text}\n`).length]).toEqual([text, expect.toSatisfy((count: number) => count > 0)])
  })

  it('passes promtool', async ({ skip }) => {
    const version = spawnSync('promtool', ['--version'])
    if (version.error) skip('promtool is not installed (Debian package prometheus)')
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: await busy().scrape(), encoding: 'utf8' })
    expect(checked.stderr + checked.stdout).toBe('')
    expect(checked.status).toBe(0)
  })

  it('names things as the conventions want it', async () => {
    const text = await busy().scrape()
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({ name, type }))
    expect(types.length).toBeGreaterThan(10)
    for (const { name, type } of types) {
      expect(name).toMatch(/^hotspare_[a-z_]+$/)
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter'])
      expect(name).not.toMatch(/_(?:ms|milliseconds|kb|percent|count|sum|bucket)$/)
      expect([name, /duration/.test(name)]).toEqual([name, name.endsWith('_duration_seconds')])
      expect([name, /memory/.test(name)]).toEqual([name, name.endsWith('_bytes')])
      expect(text).toMatch(new RegExp(`^# HELP ${name} \\S`, 'm'))
    }
  })
})

describe('counters', () => {
  it('count probes by target and outcome', async () => {
    const metrics = metricsOf()
    const probe = (targetId: string, outcome: 'pass' | 'fail') =>
      metrics.countProbe({
        type: 'probe-finished',
        at: 1,
        targetId,
        result: { outcome, reason: 'refused', durationMs: 1, detail: 'x' } as never,
      })
    probe('shop/a', 'pass')
    probe('shop/a', 'pass')
    probe('shop/a', 'fail')
    probe('shop/b', 'pass')
    expect(await series(metrics, 'probes_total')).toEqual([
      'hotspare_probes_total{target="shop/a",outcome="pass"} 2',
      'hotspare_probes_total{target="shop/a",outcome="fail"} 1',
      'hotspare_probes_total{target="shop/b",outcome="pass"} 1',
    ])
  })

  it('count requests by proxy, pool, outcome and class of status, and how long they took', async () => {
    const metrics = metricsOf()
    metrics.countProxyEvent('web', finished('answered', 200))
    metrics.countProxyEvent('web', finished('answered', 404))
    metrics.countProxyEvent('web', finished('refused', 503, { targetId: undefined }))
    metrics.countProxyEvent('web', finished('client-gone', 0))
    metrics.countProxyEvent('api', finished('answered', 204, { durationMs: 60_001, targetId: 'api/a' }))
    expect(await series(metrics, 'requests_total')).toEqual([
      'hotspare_requests_total{proxy="web",pool="shop",outcome="answered",status="2xx"} 1',
      'hotspare_requests_total{proxy="web",pool="shop",outcome="answered",status="4xx"} 1',
      'hotspare_requests_total{proxy="web",pool="shop",outcome="client-gone",status="none"} 1',
      'hotspare_requests_total{proxy="web",pool="none",outcome="refused",status="5xx"} 1',
      'hotspare_requests_total{proxy="api",pool="api",outcome="answered",status="2xx"} 1',
    ])
    expect(await series(metrics, 'request_duration_seconds_sum')).toEqual([
      'hotspare_request_duration_seconds_sum{proxy="web",pool="shop"} 0.036000000000000004',
      'hotspare_request_duration_seconds_sum{proxy="web",pool="none"} 0.012',
      'hotspare_request_duration_seconds_sum{proxy="api",pool="api"} 60.001',
    ])
    const buckets = await series(metrics, 'request_duration_seconds_bucket')
    expect(buckets).toContain('hotspare_request_duration_seconds_bucket{proxy="web",pool="shop",le="0.01"} 0')
    expect(buckets).toContain('hotspare_request_duration_seconds_bucket{proxy="web",pool="shop",le="0.025"} 3')
    expect(buckets).toContain('hotspare_request_duration_seconds_bucket{proxy="api",pool="api",le="60"} 0')
    expect(buckets).toContain('hotspare_request_duration_seconds_bucket{proxy="api",pool="api",le="+Inf"} 1')
  })

  it('count why requests failed and whose doing it was, but not what the picker has answered itself', async () => {
    const metrics = metricsOf()
    metrics.countProxyEvent('web', finished('refused', 503, { reason: 'budget-used-up' }))
    metrics.countProxyEvent('web', finished('cut', 200, { reason: 'target-broke' }))
    metrics.countProxyEvent('web', finished('client-gone', 0, { reason: 'client-left' }))
    metrics.countProxyEvent('web', finished('answered-here', 301, { reason: 'answered-here', targetId: undefined }))
    expect(await series(metrics, 'requests_failed_total')).toEqual([
      'hotspare_requests_failed_total{proxy="web",pool="shop",reason="budget-used-up",blame="target"} 1',
      'hotspare_requests_failed_total{proxy="web",pool="shop",reason="target-broke",blame="target"} 1',
      'hotspare_requests_failed_total{proxy="web",pool="shop",reason="client-left",blame="client"} 1',
    ])
  })

  it('count bytes both ways, and the time to the first byte of those that had one', async () => {
    const metrics = metricsOf()
    metrics.countProxyEvent('web', finished('answered', 200, { firstByteMs: 0.4 }))
    metrics.countProxyEvent('web', finished('answered', 200, { firstByteMs: 70_000 }))
    metrics.countProxyEvent('web', finished('client-gone', 0))
    expect(await series(metrics, 'request_body_bytes_total')).toEqual(['hotspare_request_body_bytes_total{proxy="web",pool="shop"} 30'])
    expect(await series(metrics, 'response_body_bytes_total')).toEqual(['hotspare_response_body_bytes_total{proxy="web",pool="shop"} 300'])
    expect(await series(metrics, 'request_first_byte_seconds_count')).toEqual([
      'hotspare_request_first_byte_seconds_count{proxy="web",pool="shop"} 2',
    ])
    expect((await series(metrics, 'request_first_byte_seconds_bucket'))[0]).toBe(
      'hotspare_request_first_byte_seconds_bucket{proxy="web",pool="shop",le="0.0005"} 1',
    )
  })

  it('count how long attempts took, by target', async () => {
    const metrics = metricsOf()
    const attempt = { type: 'attempt-finished', at: 1, targetId: 'shop/a', durationMs: 2_000 } as const
    metrics.countProxyEvent('web', { ...attempt, firstByteMs: 20, status: 200 })
    metrics.countProxyEvent('web', attempt)
    const labels = '{pool="shop",target="shop/a"}'
    expect(await series(metrics, 'attempt_duration_seconds_sum')).toEqual([`hotspare_attempt_duration_seconds_sum${labels} 4`])
    expect(await series(metrics, 'attempt_first_byte_seconds_sum')).toEqual([`hotspare_attempt_first_byte_seconds_sum${labels} 0.02`])
  })

  it('count attempts, retries and alerts', async () => {
    const metrics = metricsOf()
    const failure = { reason: 'closed', detail: 'x', sent: true } as const
    metrics.countProxyEvent('web', { type: 'attempt-finished', at: 1, targetId: 'shop/a', durationMs: 1 })
    metrics.countProxyEvent('web', { type: 'attempt-finished', at: 1, targetId: 'shop/a', failure, durationMs: 1 })
    metrics.countProxyEvent('web', { type: 'request-retried', at: 1, method: 'GET', targetId: 'shop/a', failure, attempt: 1 })
    for (const type of ['alert-delivered', 'alert-delayed', 'alert-failed', 'alert-dropped'] as const)
      metrics.countAlert(alert(type, 'ops'))
    expect(await series(metrics, 'attempts_total')).toEqual([
      'hotspare_attempts_total{target="shop/a",result="answered"} 1',
      'hotspare_attempts_total{target="shop/a",result="closed"} 1',
    ])
    expect(await series(metrics, 'retries_total')).toEqual(['hotspare_retries_total{target="shop/a",reason="closed"} 1'])
    expect(await series(metrics, 'alerts_total')).toEqual(
      ['delivered', 'delayed', 'failed', 'dropped'].map((result) => `hotspare_alerts_total{channel="ops",result="${result}"} 1`),
    )
  })

  it('take no label from a client or from an error: a thousand different ones make not one more series', async () => {
    const metrics = metricsOf()
    for (let count = 0; count < 1_000; count++) {
      const failure = { reason: 'closed', detail: `detail ${count}`, sent: true } as const
      metrics.countProxyEvent(
        'web',
        finished('refused', 500 + (count % 100), { method: `M${count}`, reason: 'no-target', because: `because ${count}` }),
      )
      metrics.countProxyEvent('web', { type: 'request-retried', at: 1, method: `M${count}`, targetId: 'shop/a', failure, attempt: count })
      metrics.countProxyEvent('web', { type: 'attempt-finished', at: 1, targetId: 'shop/a', failure, durationMs: count })
      metrics.countProbe({
        type: 'probe-finished',
        at: 1,
        targetId: 'shop/a',
        result: { outcome: 'fail', reason: 'status', durationMs: count, detail: `detail ${count}` },
      })
      metrics.countAlert({
        type: 'alert-failed',
        at: 1,
        channel: 'ops',
        alertId: `id ${count}`,
        key: `key ${count}`,
        attempt: 1,
        reason: `reason ${count}`,
      })
    }
    for (const name of ['requests_total', 'requests_failed_total', 'retries_total', 'attempts_total', 'probes_total', 'alerts_total'])
      expect(await series(metrics, name)).toEqual([expect.stringMatching(/ 1000$/)])
  })
})

describe('gauges', () => {
  // Once the state that a target had left stayed at 1 beside the new one.
  it('show a target in one state at a time', async () => {
    let state: TargetState = 'up'
    const metrics = metricsOf({ targets: () => [{ pool: 'shop', target: 'shop/a', up: state === 'up', state, active: 1 }] })
    const ones = async () => (await series(metrics, 'target_state')).filter((line) => line.endsWith(' 1'))
    expect(await ones()).toEqual(['hotspare_target_state{pool="shop",target="shop/a",state="up"} 1'])
    state = 'draining'
    expect(await ones()).toEqual(['hotspare_target_state{pool="shop",target="shop/a",state="draining"} 1'])
    expect(await series(metrics, 'target_state')).toHaveLength(6)
    expect(await series(metrics, 'target_up')).toEqual(['hotspare_target_up{pool="shop",target="shop/a"} 0'])
    expect(await series(metrics, 'target_active_requests')).toEqual(['hotspare_target_active_requests{pool="shop",target="shop/a"} 1'])
  })

  // Once the SDK lumped everything past 2,000 series together.
  it('show every one of a thousand targets', async () => {
    const targets = Array.from({ length: 1_000 }, (_value, index) => ({
      pool: 'shop',
      target: `shop/${index}`,
      up: true,
      state: 'up' as const,
      active: 0,
    }))
    const metrics = metricsOf({ targets: () => targets })
    for (const { target } of targets)
      for (const outcome of ['pass', 'fail'] as const)
        for (let twice = 0; twice < 2; twice++)
          metrics.countProbe({
            type: 'probe-finished',
            at: 1,
            targetId: target,
            result: { outcome, reason: 'refused', durationMs: 1, detail: 'x' } as never,
          })
    expect(await series(metrics, 'target_state')).toHaveLength(6_000)
    expect(await series(metrics, 'probes_total')).toHaveLength(2_000)
    expect(await metrics.scrape()).not.toContain('overflow')
  })

  it('show what waits, what is under way, and what the process uses', async () => {
    const metrics = metricsOf({ proxies: () => [{ proxy: 'web', active: 7 }], alertsPending: () => 5 })
    expect(await series(metrics, 'proxy_active_requests')).toEqual(['hotspare_proxy_active_requests{proxy="web"} 7'])
    expect(await series(metrics, 'alerts_pending')).toEqual(['hotspare_alerts_pending 5'])
    expect(await series(metrics, 'process_resident_memory_bytes')).toEqual([
      'hotspare_process_resident_memory_bytes{process="worker"} 50000000',
    ])
    expect(await series(metrics, 'process_cpu_seconds_total')).toEqual(['hotspare_process_cpu_seconds_total{process="worker"} 1.5'])
  })

  it('show what is watched: a check in one state at a time, what its last probe measured, and limits', async () => {
    const last = {
      outcome: 'pass',
      durationMs: 12,
      detail: 'x',
      phases: [{ name: 'connect', tookMs: 2 }],
      measures: { 'certificate-days': 30 },
    } as const
    const common = { isUnreachable: false, hasWarning: true, weight: 0.5, last, thresholds: [{ name: 'slow', isExceeded: true }] }
    const watched = () => [
      { ...common, subject: { kind: 'check', id: 'site' }, state: 'degraded' } as const,
      { ...common, subject: { kind: 'target', id: 'shop/a', pool: 'shop' }, state: 'up' } as const,
    ]
    const metrics = metricsOf({ watched, observerIsWell: () => false, checks: new Set(['site']) })
    const [site, shop] = ['check="site"', 'pool="shop",target="shop/a"']
    expect(await series(metrics, 'check_up')).toEqual([`hotspare_check_up{${site}} 1`])
    expect((await series(metrics, 'check_state')).filter((line) => line.endsWith(' 1'))).toEqual([
      `hotspare_check_state{${site},state="degraded"} 1`,
    ])
    expect(await series(metrics, 'target_weight_ratio')).toEqual([`hotspare_target_weight_ratio{${shop}} 0.5`])
    expect(await series(metrics, 'probe_duration_seconds')).toEqual([
      `hotspare_probe_duration_seconds{${site}} 0.012`,
      `hotspare_probe_duration_seconds{${shop}} 0.012`,
    ])
    expect(await series(metrics, 'probe_phase_seconds')).toContain(`hotspare_probe_phase_seconds{${site},phase="connect"} 0.002`)
    expect(await series(metrics, 'certificate_days')).toContain(`hotspare_certificate_days{${site}} 30`)
    expect(await series(metrics, 'threshold_exceeded')).toContain(`hotspare_threshold_exceeded{${site},threshold="slow"} 1`)
    expect(await series(metrics, 'watched_warning')).toContain(`hotspare_watched_warning{${site}} 1`)
    expect(await series(metrics, 'observer_well')).toEqual(['hotspare_observer_well 0'])
    for (const targetId of ['site', 'agent shop/a'])
      metrics.countProbe({ type: 'probe-finished', at: 1, targetId, result: { outcome: 'pass', durationMs: 1, detail: 'x' } })
    expect(await series(metrics, 'probes_total')).toEqual([
      'hotspare_probes_total{check="site",outcome="pass"} 1',
      'hotspare_probes_total{agent="shop/a",outcome="pass"} 1',
    ])
  })

  it('take a bounded number of names from a job that makes up others each time', async () => {
    let run = 0
    const last = () => ({ outcome: 'pass', durationMs: 1, detail: 'x', measures: { [`number-${run}`]: run } }) as const
    const common = { isUnreachable: false, hasWarning: false, weight: 1, thresholds: [], state: 'up' } as const
    const metrics = metricsOf({ watched: () => [{ ...common, subject: { kind: 'check', id: 'job' }, last: last() }] })
    for (run = 0; run < 200; run++) await metrics.scrape()
    expect(await series(metrics, 'probe_measure')).toHaveLength(64)
  })

  it('may be stopped twice', async () => {
    const metrics = metricsOf()
    await metrics.stop()
    await expect(metrics.stop()).resolves.toBeUndefined()
  })
})
