import { assertNever } from '@hotspare/core'
import type { Notice, Run, Schedule, Span } from '@hotspare/failover/simulator'
import type { Failure } from './failure.ts'
import type { FailureRole } from './failures.ts'
import type { Forecast } from './forecast.ts'
import type { Sighting } from './sighting.ts'

/** What a run shows of one service. Pure. */
export function observe(
  run: Run,
  schedule: Schedule,
  { failure, service, role }: Pick<Forecast, 'failure' | 'service' | 'role'>,
): Sighting {
  const { calmAtMs, seed } = schedule
  const fault = run.struck.find((struck) => struck.fault === 0)
  const atMs = fault?.atMs ?? calmAtMs
  const { unserved, twoHolders } = run.services[service] ?? { unserved: [{ fromMs: 0, untilMs: run.endMs }], twoHolders: [] }
  const calm = { fromMs: calmAtMs, untilMs: run.endMs }
  const meanwhile = { fromMs: atMs, untilMs: calmAtMs }
  return {
    seed,
    noticedMs: noticedMs(run.notices, failure, { service, atMs, calmAtMs }),
    unservedMs: outOfReach(failure, role) ? untilOthers(unserved, twoHolders, meanwhile) : during(unserved, meanwhile),
    unservedAfterMs: during(unserved, calm),
    twoHoldersMs: failure.kind === 'isolated' ? during(twoHolders, calm) : during(twoHolders, { fromMs: atMs, untilMs: run.endMs }),
    lingeringMs: during(twoHolders, calm),
    holders: holdersAt(run.notices, service, calmAtMs),
    violations: [
      ...run.violations.map(({ atMs: violatedMs, what }) => `at ${Math.round(violatedMs)} ms: ${what}`),
      ...(fault ? [] : ['the failure could not be brought about']),
      ...(unserved.some(({ fromMs, untilMs }) => fromMs < atMs && atMs <= untilMs) ? ['nobody served when it happened'] : []),
    ],
  }
}

/** Whether clients are cut off from a node that goes on and is active: the simulator, which has no clients, counts it as serving. */
function outOfReach({ kind }: Failure, role: FailureRole): boolean {
  return kind === 'isolated' && role === 'active'
}

/** Until a node on the clients' side has it: beside the one that is cut off, or after it. */
function untilOthers(unserved: readonly Span[], twoHolders: readonly Span[], { fromMs, untilMs }: Span): number {
  const beside = twoHolders.find((span) => span.fromMs >= fromMs && span.fromMs <= untilMs)
  if (beside) return beside.fromMs - fromMs
  const after = unserved.findLast((span) => span.untilMs > fromMs && span.fromMs < untilMs)
  return after ? Math.min(after.untilMs, untilMs) - fromMs : untilMs - fromMs
}

function during(spans: readonly Span[], { fromMs, untilMs }: Span): number {
  return spans.reduce((sum, span) => sum + Math.max(0, Math.min(span.untilMs, untilMs) - Math.max(span.fromMs, fromMs)), 0)
}

/** Whoever took himself for active last, or kept what is here. */
function holdersAt(notices: readonly Notice[], service: string, atMs: number): readonly string[] {
  const roles = new Map<string, string>()
  for (const notice of notices)
    if (notice.about === 'role' && notice.service === service && notice.atMs < atMs) roles.set(notice.node, notice.state)
  return [...roles].flatMap(([node, state]) => (state === 'active' || state === 'keeping' ? [node] : []))
}

/** Until the last of those who can notice it has. */
function noticedMs(
  notices: readonly Notice[],
  failure: Failure,
  { service, atMs, calmAtMs }: { readonly service: string; readonly atMs: number; readonly calmAtMs: number },
): number | undefined {
  const first = new Map<string, number>()
  for (const notice of notices) {
    if (notice.atMs < atMs || notice.atMs > calmAtMs || !isAbout(notice, failure, service) || first.has(notice.node)) continue
    first.set(notice.node, notice.atMs - atMs)
  }
  return first.size === 0 ? undefined : Math.max(...first.values())
}

function isAbout(notice: Notice, failure: Failure, service: string): boolean {
  switch (failure.kind) {
    case 'power':
    case 'power-and-fence':
    case 'freeze':
    case 'guard-stopped':
    case 'guard-killed':
    case 'hotspare-dead':
    case 'peers-cut':
    case 'isolated':
      return notice.about === 'peer' && notice.peer === failure.node && notice.node !== failure.node && notice.state === 'down'
    case 'service-dead':
      return notice.about === 'check' && notice.service === service && notice.node === failure.node && notice.state === 'down'
    case 'arbiter-cut':
      return notice.about === 'arbiter' && notice.service === service && notice.node === failure.node && notice.state === 'down'
    case 'arbiter-dead':
      return notice.about === 'arbiter' && notice.service === service && notice.state === 'down'
    case 'link-cut':
      return (
        notice.about === 'peer' && failure.nodes.includes(notice.node) && failure.nodes.includes(notice.peer) && notice.state === 'down'
      )
    case 'one-way-cut':
      return notice.about === 'peer' && notice.node === failure.to && notice.peer === failure.from && notice.state === 'down'
    case 'arbiter-slow':
    case 'control-killed':
    case 'disk-stuck':
    case 'fence-dead':
    case 'provider-down':
    case 'provider-slow':
      return false
    default:
      return assertNever(failure)
  }
}
