import type { PoolStatus, ProcessStatus, Status } from '@hotspare/api'
import { age } from './age.ts'
import { clientFor, type CommandContext, type ExitCode, exitCodes, printJson, printLine, type RemoteOptions } from './context.ts'
import { formatEngines } from './status-engines.ts'
import { formatChecks, formatObserver, targetNotes } from './status-checks.ts'
import { formatCluster } from './status-cluster.ts'
import { table } from './table.ts'

/** `hotspare status`: what the daemon believes. Fails where the daemon is not ready, for scripts. */
export async function status(options: RemoteOptions & { readonly json?: boolean | undefined }, context: CommandContext): Promise<ExitCode> {
  const answer = await clientFor(options).status({ signal: context.signal })
  if (options.json) printJson(context, answer)
  else printLine(context, formatStatus(answer, Date.now()))
  return answer.ready ? exitCodes.done : exitCodes.failed
}

export function formatStatus(answer: Status, nowMs: number): string {
  const head = `${answer.node}: hotspare ${answer.version}, up ${age(answer.startedAt, nowMs)}, ${answer.ready ? 'ready' : `not ready: ${answer.notReady.join('; ')}`}`
  const proxies = answer.proxies.map(({ name, listen, pool, active }) => `proxy ${name} on ${listen} -> ${pool}, ${active} active`)
  const since = (at: number) => age(at, nowMs)
  return [
    head,
    ...formatObserver(answer.observer, answer.node, since),
    ...answer.pools.flatMap((pool) => formatPool(pool, nowMs)),
    ...proxies,
    ...formatEngines(answer.engines ?? [], since),
    ...formatChecks(answer.checks ?? [], since),
    ...(answer.cluster ? formatCluster(answer.cluster, answer.node, since) : []),
    `alerts pending: ${answer.alerts.pending}`,
    ...(answer.processes ?? []).map((process) => formatProcess(process, nowMs)),
  ].join('\n')
}

function formatProcess({ name, pid, since, restarts, because }: ProcessStatus, nowMs: number): string {
  const state = pid === undefined ? `is started again, down for ${age(since, nowMs)}` : `${pid}, up ${age(since, nowMs)}`
  const times = restarts === 1 ? 'once' : `${restarts} times`
  return `process ${name}: ${state}${restarts === 0 ? '' : `, started again ${times}`}${because === undefined ? '' : ` (the last one: ${because})`}`
}

function formatPool(pool: PoolStatus, nowMs: number): string[] {
  const rows = pool.targets.map((target) => [
    target.id,
    target.unreachable ? 'unreachable' : target.state,
    age(target.since, nowMs),
    `tier ${target.tier}`,
    `weight ${target.weight}`,
    `${target.active} active`,
    `${target.picks} picks`,
    targetNotes(target, nowMs),
  ])
  const waiting = pool.waiting ? `; ${pool.waiting === 1 ? '1 request waits' : `${pool.waiting} requests wait`}` : ''
  const { maintenance } = pool
  const end = maintenance?.until === undefined ? '' : `, for another ${age(nowMs, maintenance.until)}`
  const worked = maintenance ? [`  in maintenance for ${age(maintenance.since, nowMs)}${end}: ${maintenance.because}`] : []
  return [`pool ${pool.name} (${pool.balance}): ${pool.because}${waiting}`, ...worked, ...table(rows).map((line) => `  ${line}`)]
}
