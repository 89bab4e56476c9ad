import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { answering, need, startNamed, startNginx, temporaryFolder, until } from './engines/engines.fixture.ts'
import { createNginx, type EngineEvent, type EngineMember } from './nginx.ts'

const at = (id: string, port: number, rest: Partial<EngineMember> = {}): EngineMember => ({
  id,
  host: '127.0.0.1',
  port,
  state: 'serve',
  ...rest,
})

/** Programs that write down that they were run. */
function counted(folder: string): { readonly argv: (what: string, then?: string) => [string, ...string[]]; readonly runs: () => string[] } {
  const log = join(folder, 'runs')
  writeFileSync(log, '')
  return {
    argv: (what, then = 'exit 0') => ['sh', '-c', `echo ${what} >> "$0"; ${then}`, log],
    runs: () => readFileSync(log, 'utf8').split('\n').filter(Boolean),
  }
}

describe('with programs that only say that they ran', () => {
  it('puts the old file back where the test fails, says why, and does not try at once again', async () => {
    const folder = temporaryFolder()
    const { argv, runs } = counted(folder)
    const file = join(folder, 'web.conf')
    const clock = new TestClock()
    const test = argv('test', 'echo "nginx: [emerg] no port in upstream" >&2; echo "nginx: configuration file test failed" >&2; exit 1')
    const engine = createNginx({ file, upstream: 'web', test, reload: argv('reload'), clock })
    const rejected = { ok: false, reason: 'rejected', detail: expect.stringContaining('no port in upstream') }
    expect(await engine.sync([at('a', 80)])).toMatchObject(rejected)
    expect(readdirSync(folder)).toEqual(['runs'])
    writeFileSync(file, 'upstream web { server 127.0.0.1:1; }')
    expect(await engine.sync([at('a', 80)])).toMatchObject(rejected)
    expect(runs()).toEqual(['test'])
    await clock.advance(10_000)
    expect(await engine.sync([at('a', 80)])).toMatchObject(rejected)
    expect(runs()).toEqual(['test', 'test'])
    expect(readFileSync(file, 'utf8')).toBe('upstream web { server 127.0.0.1:1; }')
  })

  it.for([
    ['a program that is not there', ['hotspare-no-such-program'], 'missing'],
    ['a program that hangs', ['sleep', '60'], 'unreachable'],
  ] as const)('gives up %s, and leaves no untested file', async ([, test, reason]) => {
    const folder = temporaryFolder()
    const engine = createNginx({
      file: join(folder, 'web.conf'),
      upstream: 'web',
      test: [...test],
      reload: ['true'],
      programTimeoutMs: 200,
    })
    expect(await engine.sync([at('a', 80)])).toMatchObject({ ok: false, reason })
    expect(readdirSync(folder)).toEqual([])
  })

  it('says that a folder is not there, and that a reload failed', async () => {
    const folder = temporaryFolder()
    const lost = createNginx({ file: join(folder, 'none', 'web.conf'), upstream: 'web', test: ['true'], reload: ['true'] })
    expect(await lost.sync([at('a', 80)])).toMatchObject({ ok: false, reason: 'missing' })
    const engine = createNginx({ file: join(folder, 'web.conf'), upstream: 'web', test: ['true'], reload: ['false'] })
    expect(await engine.sync([at('a', 80)])).toMatchObject({ ok: false, reason: 'unreachable' })
    expect(await engine.observe()).toMatchObject({ ok: true, members: [{ id: 'a', state: 'serve' }] })
  })

  it('writes nothing and reloads nothing where all is as wanted; a new one reloads once, to be certain', async () => {
    const folder = temporaryFolder()
    const { argv, runs } = counted(folder)
    const options = { file: join(folder, 'web.conf'), upstream: 'web', test: argv('test'), reload: argv('reload') }
    const engine = createNginx(options)
    expect(await engine.sync([at('a', 80)])).toMatchObject({ ok: true, changes: [expect.stringContaining('1 servers')] })
    for (let turn = 0; turn < 3; turn++) expect(await engine.sync([at('a', 80)])).toEqual({ ok: true, changes: [], pending: [] })
    expect(runs()).toEqual(['test', 'reload'])
    const next = createNginx(options)
    for (let turn = 0; turn < 3; turn++) expect(await next.sync([at('a', 80)])).toEqual({ ok: true, changes: [], pending: [] })
    expect(runs()).toEqual(['test', 'reload', 'test', 'reload'])
  })

  it('reloads at most once in each interval, and then what is wanted last', async () => {
    const folder = temporaryFolder()
    const { argv, runs } = counted(folder)
    const file = join(folder, 'web.conf')
    const clock = new TestClock()
    const engine = createNginx({ file, upstream: 'web', test: argv('test'), reload: argv('reload'), minReloadIntervalMs: 1_000, clock })
    await engine.sync([at('a', 80)])
    const rest = [2, 3, 4, 5].map((port) => engine.sync([at('a', port)]))
    await until(() => clock.pendingTimers > 0, 'the reload waits')
    expect(readFileSync(file, 'utf8')).toContain('127.0.0.1:80 ')
    await clock.advance(1_000)
    await Promise.all(rest)
    expect(readFileSync(file, 'utf8')).toContain('127.0.0.1:5 ')
    expect(runs()).toEqual(['test', 'reload', 'test', 'reload'])
  })
})

describe('with a real nginx', () => {
  it('moves its clients with each wish, mends an edited file, and survives a restart', async (context) => {
    need(context, 'nginx')
    const [a, b] = [await startNamed('a'), await startNamed('b')]
    const { port, file, pidFile, test, reload, folder, restart, kill } = await startNginx()
    const engine = createNginx({ file, upstream: 'web', test, reload, pidFile, minReloadIntervalMs: 0 })
    const events: EngineEvent[] = []
    engine.subscribe((event) => events.push(event))
    expect(await engine.sync([at('a', a), at('b', b)])).toMatchObject({ ok: true })
    expect(await answering(port)).toEqual(['a', 'b'])
    const wanted = [at('a', a, { state: 'drain' }), at('b', b)]
    expect(await engine.sync(wanted)).toMatchObject({ ok: true })
    // From now on, and not a moment later: the workers of before take no connection any more.
    expect(await answering(port)).toEqual(['b'])
    writeFileSync(file, `upstream web { server 127.0.0.1:${a}; }`)
    expect(await engine.observe()).toMatchObject({ ok: false, reason: 'malformed' })
    expect(await engine.sync(wanted)).toMatchObject({ ok: true })
    expect(await answering(port)).toEqual(['b'])
    await kill()
    expect(await engine.sync(wanted)).toMatchObject({ ok: false, reason: 'unreachable' })
    await restart()
    await until(async () => (await engine.sync(wanted)).ok, 'nginx is there again')
    expect(await answering(port)).toEqual(['b'])
    expect(events.map((event) => (event.type === 'engine-changed' ? event.cause : event.type))).toEqual([
      'wanted',
      'wanted',
      'drift',
      'engine-failed',
      'engine-recovered',
    ])
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([])
  }, 30_000)

  it('leaves what serves alone where the rest of the configuration is broken, and can reload by signal', async (context) => {
    need(context, 'nginx')
    const [a, b] = [await startNamed('a'), await startNamed('b')]
    const { port, file, pidFile, test, folder } = await startNginx()
    const engine = createNginx({ file, upstream: 'web', test, reload: 'signal', pidFile, minReloadIntervalMs: 0 })
    expect(await engine.sync([at('a', a), at('b', b, { state: 'spare' })])).toMatchObject({ ok: true })
    expect(await answering(port)).toEqual(['a'])
    const before = readFileSync(file, 'utf8')
    const config = join(folder, 'nginx.conf')
    const whole = readFileSync(config, 'utf8')
    writeFileSync(config, `${whole}\nnonsense;`)
    expect(await engine.sync([at('b', b)])).toMatchObject({ ok: false, reason: 'rejected', detail: expect.stringContaining('nonsense') })
    expect(readFileSync(file, 'utf8')).toBe(before)
    expect(await answering(port)).toEqual(['a'])
    writeFileSync(config, whole)
    expect(await createNginx({ file, upstream: 'web', test, reload: 'signal', pidFile }).sync([at('b', b)])).toMatchObject({ ok: true })
    expect(await answering(port)).toEqual(['b'])
  }, 30_000)
})
