import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ProbeResult } from './probe.ts'
import { runProbe } from './run-probe.ts'
import { diskLook } from './system/disk.ts'
import { parseMdstat } from './system/mdstat.ts'
import { parseCpuTimes, parseLoad, parseNumbers, parsePressure } from './system/proc.ts'
import { judgeRaid } from './system/raid.ts'
import { judgeSmart } from './system/smart-report.ts'
import { systemProbe, type SystemProbeOptions } from './system.ts'
import { probeContract } from './testing/index.ts'

const SMARTCTL = '/usr/sbin/smartctl'
const timeoutMs = 15_000

/** A pretended /proc or /sys. */
function tree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'hotspare-system-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  write(root, files)
  return root
}

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
}

/** A smartctl that does what a test says. */
function pretendedSmartctl(script: string): string {
  const program = join(tree({ smartctl: `#!/bin/sh\n${script}\n` }), 'smartctl')
  chmodSync(program, 0o755)
  return program
}

const close = () => Promise.resolve()

probeContract({
  runner: { describe, it },
  name: 'systemProbe',
  healthy: () => Promise.resolve({ probe: systemProbe({ what: 'disk', path: tmpdir(), warnAt: 1, failAt: 1, timeoutMs }), close }),
  dead: () => Promise.resolve({ probe: systemProbe({ what: 'disk', path: '/nowhere', timeoutMs }), close }),
  silent: () => {
    const program = pretendedSmartctl('exec sleep 60')
    return Promise.resolve({ probe: systemProbe({ what: 'smart', device: '/dev/null', program, timeoutMs: 200 }), close })
  },
})

describe('systemProbe', () => {
  it.each<{ options: object; says: string }>([
    { options: { what: 'magic' }, says: 'what' },
    { options: { what: 'cpu', warnAt: 2 }, says: 'warnAt' },
    { options: { what: 'cpu', warnAt: 0.9, failAt: 0.5 }, says: 'warnAt' },
    { options: { what: 'disk', path: 'relative' }, says: 'path' },
    { options: { what: 'raid', warnAt: 0.5 }, says: 'warnAt' },
    { options: { what: 'pressure' }, says: 'resource' },
    { options: { what: 'network', interface: '../../etc' }, says: 'interface' },
    { options: { what: 'memory', cgroup: '/../..' }, says: 'cgroup' },
    { options: { what: 'smart', device: '--help' }, says: 'device' },
    { options: { what: 'smart', device: '/dev/sda', deviceType: '-x' }, says: 'deviceType' },
  ])('rejects options that are not valid, and names $says (%#)', ({ options, says }) => {
    expect(() => systemProbe(options as SystemProbeOptions)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS', message: expect.stringContaining(says) }),
    )
  })

  it.each<SystemProbeOptions>([
    { what: 'cpu' },
    { what: 'memory' },
    { what: 'memory', cgroup: '/none' },
    { what: 'load' },
    { what: 'pressure', resource: 'io' },
  ])('a machine that does not tell is inconclusive: %j', async (options) => {
    const root = tree({})
    expect(await systemProbe({ ...options, procRoot: root, sysRoot: root, timeoutMs }).run()).toMatchObject({
      outcome: 'inconclusive',
      detail: expect.stringContaining('does not tell'),
    })
  })

  it.each<SystemProbeOptions>([
    { what: 'cpu' },
    { what: 'memory' },
    { what: 'memory', cgroup: 'self' },
    { what: 'load' },
    { what: 'pressure', resource: 'cpu' },
  ])('files that hold something else are inconclusive: %j', async (options) => {
    const noise = 'noise \u0000 42'
    const names = ['stat', 'meminfo', 'loadavg', 'pressure/cpu', 'self/cgroup']
    const root = tree(Object.fromEntries(names.map((name) => [name, noise])))
    expect(await systemProbe({ ...options, procRoot: root, sysRoot: root, timeoutMs }).run()).toMatchObject({ outcome: 'inconclusive' })
  })

  const real: readonly { options: SystemProbeOptions; measures: string[] }[] = [
    { options: { what: 'cpu' }, measures: ['used-ratio', 'iowait-ratio', 'steal-ratio'] },
    { options: { what: 'memory' }, measures: ['used-ratio', 'available-bytes', 'total-bytes', 'swap-used-ratio'] },
    { options: { what: 'disk' }, measures: ['used-ratio', 'available-bytes', 'total-bytes'] },
    { options: { what: 'load' }, measures: ['load-1m-per-processor', 'load-5m-per-processor', 'load-15m-per-processor'] },
    {
      options: { what: 'network', interface: 'lo' },
      measures: ['error-ratio', 'dropped-per-second', 'received-bytes-per-second', 'sent-bytes-per-second'],
    },
    { options: { what: 'event-loop' }, measures: ['delay-p99-ms', 'delay-p50-ms', 'delay-max-ms'] },
  ]
  it.each(real)('looks at this machine: $options.what', async ({ options, measures }) => {
    const result = await systemProbe({ ...options, timeoutMs }).run()
    expect(['pass', 'degraded', 'fail']).toContain(result.outcome)
    expect(Object.keys(result.measures ?? {})).toEqual(measures)
    for (const value of Object.values(result.measures ?? {})) expect(value).toBeGreaterThanOrEqual(0)
  })

  it.each<SystemProbeOptions>([
    { what: 'inodes' },
    { what: 'pressure', resource: 'memory' },
    { what: 'memory', cgroup: 'self' },
    { what: 'raid' },
    { what: 'smart', device: '/dev/null' },
  ])('says something about this machine, or that it does not tell: %j', async (options) => {
    const result = await systemProbe({ ...options, timeoutMs }).run()
    expect(result.detail).not.toBe('')
    expect(result).not.toMatchObject({ reason: 'error' })
  })
})

const outcomeAt = async (options: SystemProbeOptions): Promise<ProbeResult> => systemProbe({ timeoutMs, ...options }).run()

describe('a check of memory', () => {
  const meminfo = 'MemTotal:       1000 kB\nMemFree:  10 kB\nMemAvailable:    80 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n'

  it('counts what is not available as used, on the line too', async () => {
    const procRoot = tree({ meminfo })
    expect(await outcomeAt({ what: 'memory', procRoot })).toMatchObject({
      outcome: 'degraded',
      detail: '92 % of the memory is used, 90 % is a warning',
      measures: { 'used-ratio': 0.92, 'available-bytes': 81_920 },
    })
    expect(await outcomeAt({ what: 'memory', procRoot, failAt: 0.92 })).toMatchObject({
      outcome: 'fail',
      reason: 'limit',
      detail: '92 % of the memory is used, the limit is 92 %',
    })
    expect(await outcomeAt({ what: 'memory', procRoot, warnAt: 0.93 })).toMatchObject({ outcome: 'pass' })
  })

  it.each([
    { max: '1000', ratio: 0.4, total: 1_000 },
    { max: 'max', ratio: 400 / 1_024_000, total: 1_024_000 },
  ])('of a control group counts against its limit ($max)', async ({ max, ratio, total }) => {
    const files = { 'memory.current': '900\n', 'memory.max': `${max}\n`, 'memory.stat': 'anon 100\ninactive_file 500\n' }
    const sysRoot = tree(Object.fromEntries(Object.entries(files).map(([name, text]) => [`fs/cgroup/shop.slice/${name}`, text])))
    const procRoot = tree({ meminfo, 'self/cgroup': '1:name=systemd:/x\n0::/shop.slice\n' })
    for (const cgroup of ['self', '/shop.slice']) {
      const { measures } = await outcomeAt({ what: 'memory', cgroup, procRoot, sysRoot })
      expect(measures).toMatchObject({ 'used-ratio': ratio, 'total-bytes': total })
    }
  })
})

describe('a check of a disk', () => {
  const check = { what: 'disk', path: '/mnt', warnAt: 0.85, failAt: 0.98, timeoutMs: 300, procRoot: '/proc', sysRoot: '/sys' } as const
  const stats = { type: 0, bsize: 10, blocks: 100, bfree: 20, bavail: 10, files: 50, ffree: 1, frsize: 10 }
  const runOf = (look: ReturnType<typeof diskLook>, clock: TestClock) =>
    runProbe({ what: 'disk', timeoutMs: 300, clock, signal: undefined }, look)

  it('that hangs is asked once, and every run ends at its deadline', async () => {
    const clock = new TestClock()
    let asked = 0
    let answer = (_stats: typeof stats) => {}
    const look = diskLook(check, () => {
      asked++
      return new Promise((resolve) => (answer = resolve))
    })
    for (let run = 0; run < 3; run++) {
      const result = runOf(look, clock)
      await clock.advance(300)
      expect(await result).toMatchObject({ outcome: 'fail', reason: 'timeout', detail: expect.stringContaining('/mnt was asked') })
    }
    expect(asked).toBe(1)
    answer(stats)
    await clock.advance(0)
    const after = runOf(look, clock)
    await clock.advance(0)
    answer(stats)
    expect(await after).toMatchObject({
      outcome: 'degraded',
      measures: { 'used-ratio': 80 / 90, 'available-bytes': 100, 'total-bytes': 1_000 },
    })
    expect(asked).toBe(2)
  })

  it('counts inodes, where there is a number of them', async () => {
    const inodes = { ...check, what: 'inodes' } as const
    const clock = new TestClock()
    expect(
      await runOf(
        diskLook(inodes, () => Promise.resolve(stats)),
        clock,
      ),
    ).toMatchObject({
      outcome: 'fail',
      reason: 'limit',
      measures: { 'used-ratio': 0.98 },
    })
    const uncounted = diskLook(inodes, () => Promise.resolve({ ...stats, files: 0 }))
    expect(await runOf(uncounted, clock)).toMatchObject({ outcome: 'pass' })
  })

  it.each([
    ['ENOENT', { outcome: 'fail', reason: 'unexpected' }],
    ['EIO', { outcome: 'fail', reason: 'unwell' }],
    ['ESTALE', { outcome: 'fail', reason: 'unwell' }],
  ])('that answers %s', async (code, result) => {
    const error = Object.assign(new Error('statfs'), { code })
    expect(
      await runOf(
        diskLook(check, () => Promise.reject(error)),
        new TestClock(),
      ),
    ).toMatchObject(result)
  })
})

describe('a check of rates', () => {
  const stat = (user: number, idle: number, waiting = 0, stolen = 0) =>
    `cpu  ${user} 0 0 ${idle} ${waiting} 0 0 ${stolen} 7 7\ncpu0 1 2 3\n`

  it('looks at the time since the run before', async () => {
    const procRoot = tree({ stat: stat(0, 0) })
    const clock = new TestClock()
    const probe = systemProbe({ what: 'cpu', procRoot, failAt: 0.97, clock, timeoutMs })
    const first = probe.run()
    await expect.poll(() => clock.pendingTimers, { timeout: 10_000 }).toBe(2)
    write(procRoot, { stat: stat(50, 30, 20, 0) })
    await clock.advance(250)
    expect(await first).toMatchObject({ outcome: 'pass', measures: { 'used-ratio': 0.5, 'iowait-ratio': 0.2 } })
    await clock.advance(10_000)
    write(procRoot, { stat: stat(80, 30, 20, 68) })
    expect(await probe.run()).toMatchObject({ outcome: 'fail', reason: 'limit', measures: { 'used-ratio': 1, 'steal-ratio': 68 / 98 } })
  })

  it('does not mind a machine whose counters stand still or go back', async () => {
    const procRoot = tree({ stat: stat(100, 100) })
    const clock = new TestClock()
    const probe = systemProbe({ what: 'cpu', procRoot, clock, timeoutMs })
    const first = probe.run()
    await expect.poll(() => clock.pendingTimers, { timeout: 10_000 }).toBe(2)
    await clock.advance(250)
    expect(await first).toMatchObject({ outcome: 'pass', measures: { 'used-ratio': 0 } })
    await clock.advance(10_000)
    write(procRoot, { stat: stat(1, 1) })
    expect(await probe.run()).toMatchObject({ outcome: 'pass', measures: { 'used-ratio': 0 } })
  })

  const counters = (of: Readonly<Record<string, number>>) =>
    Object.fromEntries(
      ['rx_bytes', 'tx_bytes', 'rx_packets', 'tx_packets', 'rx_errors', 'tx_errors', 'rx_dropped', 'tx_dropped'].map((name) => [
        `class/net/eth7/statistics/${name}`,
        `${of[name] ?? 0}\n`,
      ]),
    )

  it('an interface that is down or gone fails, one that breaks packets warns', async () => {
    const state = 'class/net/eth7/operstate'
    const sysRoot = tree({ ...counters({}), [state]: 'up\n' })
    const clock = new TestClock()
    const probe = systemProbe({ what: 'network', interface: 'eth7', sysRoot, clock, timeoutMs })
    const first = probe.run()
    await expect.poll(() => clock.pendingTimers, { timeout: 10_000 }).toBe(2)
    await clock.advance(250)
    expect(await first).toMatchObject({ outcome: 'pass', measures: { 'error-ratio': 0 } })
    await clock.advance(9_750)
    write(sysRoot, counters({ rx_packets: 90, rx_errors: 10, rx_bytes: 5_000, tx_dropped: 20 }))
    await clock.advance(250)
    expect(await probe.run()).toMatchObject({
      outcome: 'degraded',
      detail: '10 % of the packets of eth7 are broken, 0.1 % is a warning',
      measures: { 'error-ratio': 0.1, 'dropped-per-second': 2, 'received-bytes-per-second': 500 },
    })
    for (const bad of ['down', 'lowerlayerdown', 'notpresent']) {
      write(sysRoot, { [state]: `${bad}\n` })
      expect(await probe.run()).toMatchObject({ outcome: 'fail', reason: 'unwell', detail: `the interface eth7 is ${bad}` })
    }
    expect(await outcomeAt({ what: 'network', interface: 'gone', sysRoot })).toMatchObject({ outcome: 'fail', reason: 'unexpected' })
  })

  it('load is judged by processor, pressure by its window', async () => {
    const procRoot = tree({
      stat: 'cpu  1 2 3 4\ncpu0 1\ncpu1 1\n',
      loadavg: '8.00 3.00 1.00 1/100 42\n',
      'pressure/io': 'some avg10=90.00 avg60=30.50 avg300=1.00 total=5\nfull avg10=10.00 avg60=5.00 avg300=0.50 total=1\n',
    })
    expect(await outcomeAt({ what: 'load', procRoot })).toMatchObject({ outcome: 'pass', measures: { 'load-1m-per-processor': 4 } })
    expect(await outcomeAt({ what: 'load', procRoot, minutes: 1, failAt: 4 })).toMatchObject({
      outcome: 'fail',
      detail: '4 tasks for each of 2 processors over 1 min, the limit is 4',
    })
    expect(await outcomeAt({ what: 'pressure', resource: 'io', procRoot })).toMatchObject({
      outcome: 'degraded',
      measures: { 'stalled-60s-ratio': 0.305 },
    })
    expect(await outcomeAt({ what: 'pressure', resource: 'io', who: 'full', procRoot })).toMatchObject({ outcome: 'pass' })
    expect(await outcomeAt({ what: 'pressure', resource: 'io', seconds: 10, failAt: 0.5, procRoot })).toMatchObject({ outcome: 'fail' })
  })

  it('parsers never throw, whatever they read', () => {
    const text = fc.array(
      fc.oneof(fc.string(), fc.constantFrom('cpu ', ' 1', '\n', 'some avg10=', '.', 'MemTotal:', ' kB', '999999999999999999')),
    )
    fc.assert(
      fc.property(text, (pieces) => {
        const all = pieces.join('')
        parseCpuTimes(all)
        parseLoad(all)
        parsePressure(all, 'some')
        expect([...parseNumbers(all).values()].every((value) => value >= 0)).toBe(true)
      }),
    )
  })
})

describe('a check of the event loop', () => {
  it('sees a loop that was held up, also right after the run before', async () => {
    const probe = systemProbe({ what: 'event-loop', warnAt: 100, failAt: 200, timeoutMs })
    await probe.run()
    const untilMs = performance.now() + 400
    while (performance.now() < untilMs);
    await new Promise((resolve) => setTimeout(resolve, 50))
    const result = await probe.run()
    expect(result.measures?.['delay-max-ms']).toBeGreaterThan(350)
    expect(result).toMatchObject({ outcome: 'fail', reason: 'limit' })
  })
})

describe('a check of RAID', () => {
  const array = (name: string, marks: string, more = '', members = 'sdb1[1] sda1[0]', state = 'active raid1') => {
    const working = marks.replaceAll('_', '').length
    return `${name} : ${state} ${members}\n      976630336 blocks super 1.2 [${marks.length}/${working}] [${marks}]\n      ${more}\n`
  }
  const mdstat = (...arrays: string[]) => `Personalities : [raid1] [raid6]\n${arrays.join('\n')}\nunused devices: <none>\n`

  it.each([
    { name: 'none at all', text: mdstat(), result: { outcome: 'fail', reason: 'unexpected', detail: 'there is no RAID array' } },
    { name: 'a whole one', text: mdstat(array('md0', 'UU')), result: { outcome: 'pass', detail: 'md0 is whole' } },
    {
      name: 'two whole ones',
      text: mdstat(array('md0', 'UU'), array('md127', 'UUUU')),
      result: { outcome: 'pass', detail: 'md0, md127 are whole' },
    },
    {
      name: 'one that lacks a device',
      text: mdstat(array('md0', 'UU'), array('md1', 'U_', '', 'sdb2[1](F) sda2[0]')),
      result: {
        outcome: 'fail',
        reason: 'unwell',
        detail: 'md1 lacks 1 of 2 devices',
        warning: 'thrown out: sdb2 of md1',
        measures: { 'arrays-count': 2, 'missing-devices-count': 1, 'faulty-devices-count': 1 },
      },
    },
    {
      name: 'a rebuild',
      text: mdstat(array('md0', '_U', '[=>....]  recovery =  8.5% (83000/976630336) finish=60.1min speed=24000K/sec')),
      result: {
        outcome: 'degraded',
        detail: 'md0: recovery is at 8.5 %',
        measures: { 'sync-done-ratio': 0.085, 'missing-devices-count': 1 },
      },
    },
    {
      name: 'a rebuild that waits',
      text: mdstat(array('md0', '_U', 'recovery=DELAYED')),
      result: { outcome: 'degraded', detail: 'md0: recovery waits' },
    },
    { name: 'a resync', text: mdstat(array('md0', 'UU', 'resync=PENDING')), result: { outcome: 'degraded', detail: 'md0: resync waits' } },
    {
      name: 'a routine check',
      text: mdstat(array('md0', 'UU', '[>...]  check =  0.1% (1/2) finish=1min speed=1K/sec')),
      result: { outcome: 'pass' },
    },
    { name: 'a check of one that lacks a device', text: mdstat(array('md0', 'U_', 'check = 1.0% (1/2)')), result: { outcome: 'fail' } },
    {
      name: 'an inactive one',
      text: mdstat('md0 : inactive sdc1[0](S)\n      1234 blocks super 1.2\n'),
      result: { outcome: 'fail', detail: 'md0 is inactive' },
    },
    {
      name: 'one without redundancy',
      text: mdstat('md0 : active raid0 sdb1[1] sda1[0]\n      1234 blocks super 1.2 512k chunks\n'),
      result: { outcome: 'pass' },
    },
    {
      name: 'a spare that took over',
      text: mdstat(array('md0', 'UU', '', 'sdc1[2] sdb1[1](F) sda1[0]')),
      result: { outcome: 'pass', warning: 'thrown out: sdb1 of md0' },
    },
    {
      name: 'one that is read-only until used',
      text: mdstat(array('md0', 'UU', '', 'sdb1[1] sda1[0]', 'active (auto-read-only) raid1')),
      result: { outcome: 'pass' },
    },
    { name: 'another file', text: '<html>md0 : active</html>', result: { outcome: 'fail', reason: 'unexpected' } },
  ])('$name: $result.outcome', async ({ text, result }) => {
    expect(await outcomeAt({ what: 'raid', procRoot: tree({ mdstat: text }) })).toMatchObject(result)
  })

  it('looks at one array alone, and misses it', async () => {
    const procRoot = tree({ mdstat: mdstat(array('md0', 'U_'), array('md1', 'UU')) })
    expect(await outcomeAt({ what: 'raid', array: 'md1', procRoot })).toMatchObject({ outcome: 'pass' })
    expect(await outcomeAt({ what: 'raid', array: 'md2', procRoot })).toMatchObject({ outcome: 'fail', detail: 'there is no array md2' })
    expect(await outcomeAt({ what: 'raid', procRoot: tree({}) })).toMatchObject({ outcome: 'fail', reason: 'unexpected' })
  })

  it('never throws, and finds every lost device, whatever the arrays are', () => {
    const marks = fc.array(fc.constantFrom('U', '_'), { minLength: 1, maxLength: 9 }).map((all) => all.join(''))
    fc.assert(
      fc.property(fc.array(marks, { minLength: 1, maxLength: 9 }), (all) => {
        const found = judgeRaid(parseMdstat(mdstat(...all.map((one, index) => array(`md${index}`, one)))), undefined)
        expect(found.measures).toMatchObject({
          'arrays-count': all.length,
          'missing-devices-count': all.join('').replaceAll('U', '').length,
        })
        expect(found.outcome).toBe(all.some((one) => one.includes('_')) ? 'fail' : 'pass')
      }),
    )
    const pieces = fc.array(fc.oneof(fc.string(), fc.constantFrom('md0 : active ', '\n', '[2/1] [U_]', 'recovery = 5%', 'sda1[0](F)')))
    fc.assert(
      fc.property(pieces, (parts) => {
        expect(parseMdstat(parts.join('')).length).toBeLessThanOrEqual(1_025)
      }),
    )
  })
})

describe('a check of SMART', () => {
  const report = (more: object = {}) => JSON.stringify({ smart_status: { passed: true }, temperature: { current: 31 }, ...more })

  it.each([
    { bits: 0, result: { outcome: 'pass', detail: '/dev/sda says that it is well', measures: { 'temperature-celsius': 31 } } },
    { bits: 1, result: { outcome: 'inconclusive' } },
    { bits: 2, result: { outcome: 'inconclusive' } },
    { bits: 4, result: { outcome: 'pass', warning: 'a command to the disk failed' } },
    { bits: 8, result: { outcome: 'fail', reason: 'unwell' } },
    { bits: 16, result: { outcome: 'degraded' } },
    { bits: 32 + 64, result: { outcome: 'pass', warning: 'an attribute was beyond its threshold in the past; its error log has entries' } },
    { bits: 128, result: { outcome: 'degraded', detail: 'a self-test of /dev/sda has failed' } },
    { bits: 8 + 16 + 128, result: { outcome: 'fail' } },
  ])('exit status $bits: $result.outcome', ({ bits, result }) => {
    expect(judgeSmart('/dev/sda', bits, report())).toMatchObject(result)
  })

  it('measures what ATA and NVMe disks tell', () => {
    const table = [
      { id: 5, raw: { value: 3 } },
      { id: 197, raw: { value: 1 } },
      { id: 9, raw: { value: 1 } },
    ]
    const nvme = { percentage_used: 12, available_spare: 100, media_errors: 0 }
    const told = report({ power_on_time: { hours: 99 }, ata_smart_attributes: { table }, nvme_smart_health_information_log: nvme })
    expect(judgeSmart('/dev/sda', 0, told).measures).toEqual({
      'temperature-celsius': 31,
      'power-on-hours': 99,
      'worn-ratio': 0.12,
      'spare-ratio': 1,
      'media-errors-count': 0,
      'reallocated-sectors': 3,
      'pending-sectors': 1,
    })
  })

  it.each([
    ['another program', 'echo hello', 'inconclusive'],
    ['one that ends without an answer', 'kill -9 $$', 'inconclusive'],
    ['half an answer', 'echo \'{"smart_status":\'', 'inconclusive'],
    ['a disk that sleeps', 'echo \'{"smartctl":{"messages":[{"string":"Device is in STANDBY mode"}]}}\'; exit 2', 'inconclusive'],
    ['one that is failing', 'echo \'{"smart_status":{"passed":false}}\'; exit 8', 'fail'],
    ['one that writes without end', 'yes', 'inconclusive'],
  ])('%s: %s', async (_name, script, outcome) => {
    expect(await outcomeAt({ what: 'smart', device: '/dev/null', program: pretendedSmartctl(script) })).toMatchObject({ outcome })
  })

  it('is inconclusive without smartctl, and fails without the disk', async () => {
    expect(await outcomeAt({ what: 'smart', device: '/dev/null', program: '/nowhere/smartctl' })).toMatchObject({
      outcome: 'inconclusive',
      detail: '/nowhere/smartctl cannot be run (ENOENT)',
    })
    expect(await outcomeAt({ what: 'smart', device: '/dev/nowhere' })).toMatchObject({
      outcome: 'fail',
      reason: 'unexpected',
      detail: 'there is no /dev/nowhere',
    })
  })

  it('understands the real smartctl, asked about what is no disk', async (context) => {
    if (!existsSync(SMARTCTL)) return context.skip(`${SMARTCTL} is not installed`)
    const result = await outcomeAt({ what: 'smart', device: '/dev/null' })
    expect(result).toMatchObject({ outcome: 'inconclusive', detail: expect.stringMatching(/^\/dev\/null could not be asked: /) })
  })

  it('never throws, whatever smartctl writes', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.oneof(fc.json(), fc.string()), (bits, output) => {
        expect(judgeSmart('/dev/sda', bits, output).detail).not.toBe('')
      }),
    )
  })
})
