import { clipDetail, errorCode, errorText, sleep, systemClock } from '@hotspare/core'
import { engineDefaults } from './engines/defaults.ts'
import type { EngineFailure, EngineObserved, EngineSynced, TrafficEngine } from './engines/engine.ts'
import type { Turn } from './engines/latest.ts'
import { type EngineRun, runEngine } from './engines/run-engine.ts'
import { type NginxOptions, readNginxOptions } from './nginx/options.ts'
import { runProgram } from './nginx/run-program.ts'
import { parseUpstream, renderUpstream } from './nginx/upstream-block.ts'
import { putBack, readUpstreamFile, replaceFile } from './nginx/upstream-file.ts'
import { isNewGeneration, masterOf, workersOf } from './nginx/workers.ts'

export type {
  EngineEvent,
  EngineFailure,
  EngineFailureReason,
  EngineMember,
  EngineMemberState,
  EngineObserved,
  EngineSynced,
  ObservedMember,
  TrafficEngine,
} from './engines/engine.ts'
export { nginxSettingsSchema } from './nginx/options.ts'
export type { Argv, NginxOptions, NginxSettings } from './nginx/options.ts'

type Step = { readonly ok: true } | EngineFailure

/** An upstream of an nginx, kept as it is wanted. */
export interface Nginx extends TrafficEngine {
  readonly type: 'nginx'
}

/**
 * Keeps one upstream block of nginx at what is wanted: a file of its own, which is written whole, tested with the rest of the
 * configuration, and then reloaded. A file that nginx rejects is put back as it was before. Nothing is written or reloaded
 * where the file is as wanted and this object has seen nginx take it.
 *
 * @throws HotspareError `HOTSPARE_PROXY_OPTIONS`
 */
export function createNginx(options: NginxOptions): Nginx {
  const { clock = systemClock, logger, ...rest } = options
  const settings = readNginxOptions(rest)
  const { file, upstream, test, reload, pidFile, minReloadIntervalMs, programTimeoutMs } = settings
  /** The text that nginx has taken, as far as this object knows. */
  let live: string | undefined
  let lastReloadMs = -Infinity
  let rejected: { readonly text: string; readonly failure: EngineFailure; readonly atMs: number } | undefined

  async function reading<Value>(work: () => Promise<Value>): Promise<{ readonly ok: true; readonly value: Value } | EngineFailure> {
    try {
      return { ok: true, value: await work() }
    } catch (error) {
      const refused = ['EACCES', 'EPERM', 'EROFS'].includes(errorCode(error) ?? '')
      return failed(refused ? 'denied' : 'missing', `${file}: ${errorText(error)}`)
    }
  }

  async function sync(turn: Turn<EngineRun>): Promise<EngineSynced | EngineFailure> {
    const first = await reading(() => readUpstreamFile(file))
    if (!first.ok) return first
    if (pidFile !== undefined && (await masterOf(pidFile)) === undefined) live = undefined
    if (isLive(first.value, renderUpstream(turn.peek().members, settings))) {
      turn.take()
      return { ok: true, changes: [], pending: [] }
    }
    // What is wanted when the next reload is due is what counts.
    const waitMs = lastReloadMs + minReloadIntervalMs - clock.monotonicMs()
    if (waitMs > 0) await sleep(waitMs, { clock, signal: turn.peek().signal })
    const { members, signal } = turn.take()
    const text = renderUpstream(members, settings)
    const now = await reading(() => readUpstreamFile(file))
    if (!now.ok) return now
    if (isLive(now.value, text)) return { ok: true, changes: [], pending: [] }
    if (rejected?.text === text && clock.monotonicMs() - rejected.atMs < engineDefaults.retryRejectedMs) return rejected.failure
    return apply(now.value, text, members.length, signal)
  }

  function isLive(onDisk: string | undefined, text: string): boolean {
    return onDisk === text && live === text
  }

  async function apply(
    before: string | undefined,
    text: string,
    count: number,
    signal: AbortSignal | undefined,
  ): Promise<EngineSynced | EngineFailure> {
    const differs = before !== text
    if (differs) {
      const written = await reading(() => replaceFile(file, text))
      if (!written.ok) return written
    }
    const tested = await testing(before, text, differs, signal)
    if (!tested.ok) return tested
    const master = pidFile === undefined ? undefined : await masterOf(pidFile)
    lastReloadMs = clock.monotonicMs()
    const reloaded = await reloading(master, signal)
    if (!reloaded.ok) return reloaded
    const after = await reading(() => readUpstreamFile(file))
    if (!after.ok) return after
    if (after.value !== text) return failed('not-applied', `${file} was changed by somebody else meanwhile`)
    live = text
    return { ok: true, changes: differs ? [`${file} has ${count} servers, and was reloaded`] : [], pending: [] }
  }

  async function testing(before: string | undefined, text: string, differs: boolean, signal: AbortSignal | undefined): Promise<Step> {
    let tested: Step | undefined
    try {
      tested = await runProgram(test, { timeoutMs: programTimeoutMs, signal, reason: 'rejected' })
    } finally {
      // Also where the test was given up: what nobody has tested must not wait there for the next start of nginx.
      if (differs && !tested?.ok) await reading(() => putBack(file, before))
    }
    rejected = tested.ok ? undefined : { text, failure: tested, atMs: clock.monotonicMs() }
    return tested
  }

  /** Until workers that have read the new file are there, where they can be seen. */
  async function reloading(master: number | undefined, signal: AbortSignal | undefined): Promise<Step> {
    if (pidFile !== undefined && master === undefined) return failed('unreachable', `nginx does not run: ${pidFile} names no process`)
    const before = master === undefined ? undefined : await workersOf(master)
    const told =
      reload === 'signal' ? hangUp(master) : await runProgram(reload, { timeoutMs: programTimeoutMs, signal, reason: 'unreachable' })
    if (!told.ok || master === undefined || before === undefined) return told
    const deadlineMs = clock.monotonicMs() + engineDefaults.liveTimeoutMs
    while (clock.monotonicMs() < deadlineMs) {
      const now = await workersOf(master)
      if (now && isNewGeneration(before, now)) return { ok: true }
      await sleep(engineDefaults.livePollMs, { clock, signal })
    }
    return failed('not-applied', `no new workers within ${engineDefaults.liveTimeoutMs} ms of the reload: nginx's error log says why`)
  }

  function hangUp(master: number | undefined): Step {
    // Process 0 would be this one, with its whole group.
    if (master === undefined) return failed('unreachable', 'nginx does not run')
    try {
      process.kill(master, 'SIGHUP')
      return { ok: true }
    } catch (error) {
      return failed(errorCode(error) === 'EPERM' ? 'denied' : 'unreachable', `process ${master} of ${pidFile}: ${errorText(error)}`)
    }
  }

  const engine = runEngine({
    type: 'nginx',
    who: `nginx ${upstream}`,
    clock,
    logger,
    sync,
    async observe(): Promise<EngineObserved | EngineFailure> {
      const now = await reading(() => readUpstreamFile(file))
      if (!now.ok) return now
      const members = now.value === undefined ? undefined : parseUpstream(now.value)
      if (members) return { ok: true, members }
      return failed(
        now.value === undefined ? 'missing' : 'malformed',
        `${file} ${now.value === undefined ? 'is not there' : 'is not as it was written'}`,
      )
    },
  })
  return { ...engine, type: 'nginx' }
}

function failed(reason: EngineFailure['reason'], detail: string): EngineFailure {
  return { ok: false, reason, detail: clipDetail(detail, 400) }
}
