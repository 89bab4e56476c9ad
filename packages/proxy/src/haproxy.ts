import { clipDetail, systemClock } from '@hotspare/core'
import { engineDefaults } from './engines/defaults.ts'
import type { EngineFailure, EngineObserved, EngineSynced, TrafficEngine } from './engines/engine.ts'
import { formatAddress, type WantedMember } from './engines/members.ts'
import type { Turn } from './engines/latest.ts'
import { type EngineRun, runEngine } from './engines/run-engine.ts'
import { type HaproxyOptions, readHaproxyOptions } from './haproxy/options.ts'
import { type HaproxyPlan, planHaproxy } from './haproxy/plan.ts'
import { runtimeSocket } from './haproxy/runtime-socket.ts'
import { type HaproxyInfo, type HaproxyServer, parseInfo, parseServersState } from './haproxy/servers-state.ts'
import { type HaproxyServerStats, parseStats } from './haproxy/stats.ts'

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
export { haproxySettingsSchema } from './haproxy/options.ts'
export type { HaproxyOptions, HaproxySettings } from './haproxy/options.ts'
export type { HaproxyServerStats } from './haproxy/stats.ts'

/** A backend of a running HAProxy, kept as it is wanted. */
export interface Haproxy extends TrafficEngine {
  readonly type: 'haproxy'
  /** What it counted for each server, and how each is now. */
  stats(options?: { readonly signal?: AbortSignal | undefined }): Promise<HaproxyStatsAnswer>
}

export type HaproxyStatsAnswer = { readonly ok: true; readonly servers: readonly HaproxyServerStats[] } | EngineFailure

/** Dynamic servers came with 2.4, behind a switch that 2.6 has dropped. */
const ADDS_SERVERS = { major: 2, minor: 4 }
const ADDS_FREELY = { major: 2, minor: 6 }

/**
 * Keeps a backend of a running HAProxy at what is wanted, through its runtime API (management guide, section 9.3). It looks
 * with each `sync`, and so notices that HAProxy was started again, or that somebody else has changed it. Nothing is held
 * between two calls: no connection, no timer.
 *
 * @throws HotspareError `HOTSPARE_PROXY_OPTIONS`
 */
export function createHaproxy(options: HaproxyOptions): Haproxy {
  const { clock = systemClock, logger, ...rest } = options
  const settings = readHaproxyOptions(rest)
  const { backend, commandTimeoutMs, serverParameters } = settings
  const managed = settings.servers === 'managed'
  const ask = runtimeSocket(settings, { commandTimeoutMs, clock })
  type Asking = { readonly signal?: AbortSignal | undefined }

  async function look(asking: Asking): Promise<{ readonly ok: true; readonly servers: readonly HaproxyServer[] } | EngineFailure> {
    const answer = await ask(`show servers state ${backend}`, asking)
    if (!answer.ok) return answer
    if (answer.text.startsWith("Can't find backend")) return noBackend
    const servers = parseServersState(answer.text, backend)
    return servers ? { ok: true, servers } : { ok: false, reason: 'malformed', detail: '"show servers state" gave something else' }
  }

  async function info(asking: Asking): Promise<{ readonly ok: true; readonly info: HaproxyInfo } | EngineFailure> {
    const answer = await ask('show info', asking)
    if (!answer.ok) return answer
    const parsed = parseInfo(answer.text)
    return parsed ? { ok: true, info: parsed } : { ok: false, reason: 'malformed', detail: '"show info" gave something else' }
  }

  const noBackend: EngineFailure = { ok: false, reason: 'missing', detail: `there is no backend ${backend}` }
  const planFor = (servers: readonly HaproxyServer[], members: readonly WantedMember[]) =>
    planHaproxy(servers, members, { backend, managed, serverParameters })

  /** What dynamic servers need: nothing, the switch of the first versions, or a newer HAProxy. */
  async function prefixFor(
    { commands }: HaproxyPlan,
    asking: Asking,
  ): Promise<{ readonly ok: true; readonly prefix: string } | EngineFailure> {
    if (!commands.some(({ command }) => isMembership(command))) return { ok: true, prefix: '' }
    const known = await info(asking)
    if (!known.ok) return known
    if (isOlder(known.info, ADDS_SERVERS)) {
      return { ok: false, reason: 'unsupported', detail: `HAProxy ${known.info.version} cannot add servers: that takes 2.4` }
    }
    return { ok: true, prefix: isOlder(known.info, ADDS_FREELY) ? 'experimental-mode on; ' : '' }
  }

  async function sync(turn: Turn<EngineRun>): Promise<EngineSynced | EngineFailure> {
    const { members, signal } = turn.take()
    const before = await look({ signal })
    if (!before.ok) return before
    const plan = planFor(before.servers, members)
    const means = await prefixFor(plan, { signal })
    if (!means.ok) return means
    const remarks: string[] = []
    for (const { command } of plan.commands) {
      const told = await ask(isMembership(command) ? `${means.prefix}${command}` : command, { signal })
      if (!told.ok) return told
      if (speaksAgainst(told.text) && remarks.length < engineDefaults.maxRemarks) remarks.push(clipDetail(told.text))
    }
    const after = plan.commands.length === 0 ? before : await look({ signal })
    if (!after.ok) return after
    return verdictOn(plan, planFor(after.servers, members), remarks)
  }

  function verdictOn(done: HaproxyPlan, left: HaproxyPlan, remarks: readonly string[]): EngineSynced | EngineFailure {
    if (left.missing.length > 0) {
      const hint = managed ? 'only a server with an IP address can be added' : 'its configuration needs a "server" line of that name'
      return { ok: false, reason: 'missing', detail: `backend ${backend} has no server ${left.missing.join(', ')}: ${hint}` }
    }
    const open = left.commands.filter(({ server }) => !left.leaving.includes(server))
    if (open.length > 0) {
      const said = remarks.length > 0 ? `: HAProxy says "${remarks.join('", "')}"` : ''
      return { ok: false, reason: 'not-applied', detail: clipDetail(`not so yet: ${open.map(({ text }) => text).join(', ')}${said}`) }
    }
    const pending = left.leaving.map((server) => `${server} leaves when its last connection has ended`)
    const undone = new Set(left.commands.map(({ command }) => command))
    return { ok: true, changes: done.commands.filter(({ command }) => !undone.has(command)).map(({ text }) => text), pending }
  }

  const engine = runEngine({
    type: 'haproxy',
    who: `haproxy ${backend}`,
    clock,
    logger,
    sync,
    async observe(asking = {}): Promise<EngineObserved | EngineFailure> {
      const looked = await look(asking)
      if (!looked.ok) return looked
      const members = looked.servers.map(({ name, host, port, weight, state }) => {
        return { id: name, address: formatAddress(host, port), weight, state }
      })
      return { ok: true, members }
    },
  })
  return {
    ...engine,
    type: 'haproxy',
    async stats(asking = {}) {
      const answer = await ask(`show stat ${backend} 4 -1`, asking)
      if (!answer.ok) return answer
      if (answer.text.startsWith('No such proxy')) return noBackend
      const servers = parseStats(answer.text, backend)
      return servers ? { ok: true, servers } : { ok: false, reason: 'malformed', detail: '"show stat" gave something else' }
    },
  }
}

/** Most commands that succeed say nothing. */
function speaksAgainst(text: string): boolean {
  return text !== '' && !/^(?:IP changed|port changed|no need to change|New server registered|Server deleted)/.test(text)
}

function isMembership(command: string): boolean {
  return command.startsWith('add server ') || command.startsWith('del server ')
}

function isOlder(
  one: { readonly major: number; readonly minor: number },
  other: { readonly major: number; readonly minor: number },
): boolean {
  return one.major < other.major || (one.major === other.major && one.minor < other.minor)
}
