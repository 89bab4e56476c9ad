import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { AccessLogFile } from './access-log-file.ts'

const LOOK_MS = 2_000

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'hotspare-access-log-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

interface Opened {
  readonly log: AccessLogFile
  readonly clock: TestClock
  /** What was told, by level. */
  readonly told: string[]
}

async function opened(file: string): Promise<Opened> {
  const clock = new TestClock(1_000_000)
  const told: string[] = []
  const tell = (level: string) => (_fields: object, message: string) => void told.push(`${level}: ${message}`)
  const logger: Logger = { debug: tell('debug'), info: tell('info'), warn: tell('warn'), error: tell('error') }
  const log = new AccessLogFile({ file, clock, logger })
  await log.start()
  // Its deadline is the clock's, and nobody moves that one any more.
  onTestFinished(() => void log.close())
  return { log, clock, told }
}

const lines = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [])

/** A look at the file, for as many as it takes. */
async function looks(clock: TestClock, condition: () => boolean, what: string): Promise<void> {
  await vi.waitFor(
    async () => {
      await clock.advance(LOOK_MS)
      if (!condition()) throw new Error(`never happened: ${what}`)
    },
    { timeout: 10_000, interval: 5 },
  )
}

/** Questions to the disk besides, so that the look has its answers. */
async function oneLook(clock: TestClock): Promise<void> {
  await clock.advance(LOOK_MS)
  for (let asked = 0; asked < 10; asked += 1) await stat(tmpdir())
}

describe('an access log', () => {
  it('has every line once it is closed, in a file that others cannot read and a folder that it has made', async () => {
    const file = join(folder(), 'made', 'access.log')
    const { log, told } = await opened(file)
    for (let line = 0; line < 5_000; line += 1) log.write(`line ${line}`)
    await log.close()
    log.write('too late')
    expect(lines(file)).toEqual(Array.from({ length: 5_000 }, (_none, line) => `line ${line}`))
    expect(statSync(file).mode & 0o777).toBe(0o640)
    expect([log.lines, log.dropped, told]).toEqual([5_000, 0, []])
  })

  it('shows a line within a quarter of a second, also where no more come', async () => {
    const file = join(folder(), 'access.log')
    const { log, clock } = await opened(file)
    log.write('the only one')
    await clock.advance(250)
    await vi.waitFor(() => expect(lines(file)).toEqual(['the only one']))
  })

  it('puts whole lines at the end of a file that another process writes as well', async () => {
    const file = join(folder(), 'access.log')
    writeFileSync(file, 'before\n')
    const writers = await Promise.all(['a', 'b', 'c'].map(async (name) => ({ name, ...(await opened(file)) })))
    const line = (name: string, index: number) => `${name} ${index} ${name.repeat(300)} end`
    for (let index = 0; index < 2_000; index += 1) for (const { log, name } of writers) log.write(line(name, index))
    await Promise.all(writers.map(({ log }) => log.close()))
    const [first, ...rest] = lines(file)
    expect(first).toBe('before')
    for (const { name } of writers) {
      expect(rest.filter((each) => each.startsWith(name))).toEqual(Array.from({ length: 2_000 }, (_none, index) => line(name, index)))
    }
  })
})

describe('a rotation', () => {
  it('that moves the file and makes a new one loses no line', async () => {
    const path = folder()
    const file = join(path, 'access.log')
    const { log, clock } = await opened(file)
    log.write('one')
    await clock.advance(250)
    renameSync(file, `${file}.1`)
    writeFileSync(file, '', { mode: 0o600 })
    log.write('two')
    await looks(clock, () => [...lines(`${file}.1`), ...lines(file)].length === 2, 'both lines')
    // Not told when: the look has to come by.
    await looks(
      clock,
      () => {
        log.write('later')
        return lines(file).includes('later')
      },
      'the new file in use',
    )
    await log.close()
    expect([...lines(`${file}.1`), ...lines(file)].filter((line) => line !== 'later').toSorted()).toEqual(['one', 'two'])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect([...lines(`${file}.1`), ...lines(file)]).toHaveLength(log.lines)
  })

  it('that has not made the new file yet finds no file of ours in its way; one that makes none gets it at the second look', async () => {
    const file = join(folder(), 'access.log')
    const { log, clock } = await opened(file)
    renameSync(file, `${file}.1`)
    await oneLook(clock)
    log.write('to the old one')
    await clock.advance(250)
    await vi.waitFor(() => expect(lines(`${file}.1`)).toEqual(['to the old one']))
    expect(existsSync(file)).toBe(false)
    await looks(clock, () => existsSync(file), 'a new file')
    log.write('to the new one')
    await log.close()
    expect(lines(file)).toEqual(['to the new one'])
  })

  it('by logrotate, with create, goes on in the new file', async ({ skip }) => {
    const logrotate = ['/usr/sbin/logrotate', '/usr/bin/logrotate'].find((path) => existsSync(path))
    if (logrotate === undefined) return skip('logrotate is not installed (Debian package logrotate)')
    const path = folder()
    const file = join(path, 'access.log')
    const { log, clock } = await opened(file)
    log.write('old')
    await clock.advance(250)
    await vi.waitFor(() => expect(lines(file)).toEqual(['old']))
    writeFileSync(join(path, 'conf'), `${file} {\n  rotate 2\n  create 0640\n  delaycompress\n  compress\n}\n`)
    execFileSync(logrotate, ['--force', '--state', join(path, 'state'), join(path, 'conf')])
    const moved = statSync(file).ino
    await looks(
      clock,
      () => {
        log.write('new')
        return lines(file).includes('new')
      },
      'the new file in use',
    )
    await log.close()
    expect(statSync(file).ino).toBe(moved)
    expect(lines(`${file}.1`)).toContain('old')
  })
})

describe('a disk in trouble', () => {
  it('costs lines and nothing else: told once, counted, and told again when it is over', async () => {
    const { log, clock, told } = await opened('/dev/full')
    const line = 'x'.repeat(1_000)
    for (let index = 0; index < 12_000; index += 1) log.write(line)
    await vi.waitFor(() => expect(log.dropped).toBeGreaterThan(3_000))
    for (let look = 0; look < 5; look += 1) await clock.advance(LOOK_MS)
    expect(told).toEqual(['error: lines of the access log may be lost'])
    expect(log.lines).toBe(12_000)
  })

  it('that cannot be opened is tried again, and what was written meanwhile is there', async () => {
    const path = folder()
    const inTheWay = join(path, 'logs')
    writeFileSync(inTheWay, 'a file where a folder should be')
    const file = join(inTheWay, 'access.log')
    const { log, clock, told } = await opened(file)
    log.write('kept')
    for (let look = 0; look < 30; look += 1) await oneLook(clock)
    expect(told).toEqual([expect.stringMatching(/^error: the access log cannot be opened/)])
    rmSync(inTheWay)
    mkdirSync(inTheWay)
    await looks(clock, () => existsSync(file), 'the file')
    await log.close()
    expect(lines(file)).toEqual(['kept'])
  })

  it('or a pipe that nobody reads holds nothing up, and memory has a bound', async () => {
    const pipe = join(folder(), 'pipe')
    execFileSync('mkfifo', [pipe])
    const { log } = await opened(pipe)
    for (let index = 0; index < 10_000; index += 1) log.write('x'.repeat(1_000))
    expect(log.dropped).toBeGreaterThan(5_000)
  })
})
