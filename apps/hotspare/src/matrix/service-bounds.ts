import { decisionDefaults, engineDefaults } from '@hotspare/failover'
import { GATE_LATENESS_MS } from '../config/service-timing.ts'
import { beyond, type Bound, inTurn, longer, slowly, type Term } from './bound.ts'
import { allowances, type ServiceTimes } from './times.ts'

/** How long each thing takes at most for one service, whatever fails. Where times are left out, the thing does not happen. */
export interface ServiceBounds {
  /** From a node's last sign of life to the verdict of another node. */
  readonly deadNode: Bound
  /** From the end of a process to the verdict of another node, whose connection to it is reset. */
  readonly deadProcess: Bound
  /** From the end of the service, which refuses from then on, to the verdict of its own check. */
  readonly deadService: Bound
  /** From the last answer of the arbiter to the active member's knowing that it is silent. */
  readonly deadArbiter: Bound | undefined
  /** The same for a member that stands by. */
  readonly deadArbiterForStandby: Bound | undefined
  /** From the active member's silence to another one that serves. Undefined: no other one ever would by itself. */
  readonly takeover: Bound | undefined
  /** From the end of the address in the active member's kernel to another one that serves. For `release`. */
  readonly gap: Bound | undefined
  /** From the end of a member that is switched off to another one that serves, which has been waiting for that. */
  readonly cutover: Bound
  /** From the end of a member that another service has had switched off to another one that serves. Undefined: no other one would. */
  readonly shot: Bound | undefined
  /** Between two members that are both well: from the one's decision to the other's serving. */
  readonly handOver: Bound
  /** How long a kernel that knows nothing of a standstill holds on to the address. For `release`. */
  readonly lifetime: Bound | undefined
  /** From the end of a cut to the end of a second holder. For `keep`. */
  readonly yielding: Bound
  /** From the arbiter's return to a member that serves again. For `release`. */
  readonly resumption: Bound | undefined
}

/** What has to be active before it, and what goes first, as far as the same failure can hit both; undefined for a circle. */
export interface Waits {
  readonly bases: readonly (ServiceBounds | undefined)[]
  readonly higher: readonly (ServiceBounds | undefined)[]
}

const NOBODY: Waits = { bases: [], higher: [] }

export function boundsOf(times: ServiceTimes, onControlLoss: 'keep' | 'release', waits: Waits = NOBODY): ServiceBounds {
  const { clockRateError, lease, heartbeat, check, resources } = times
  const slow = (...terms: Parameters<typeof slowly>[0]) => slowly(terms, clockRateError)
  return {
    deadNode: slow({ name: 'silence', ms: heartbeat.timeoutMs }, { name: 'beat', ms: heartbeat.intervalMs }),
    deadProcess: { atMostMs: allowances.resetMs, formula: 'its connection is reset', slack: 'a busy machine takes longer to say so' },
    deadService: slow(
      { name: 'check', ms: check.intervalMs },
      { name: 'repeated', ms: check.fastMs, times: check.fall - 1 },
      { name: 'refusal', ms: allowances.answerMs },
    ),
    deadArbiter: lease && slow({ name: 'renewal', ms: lease.renewMs }, { name: 'call', ms: lease.callTimeoutMs }),
    deadArbiterForStandby: lease && slow({ name: 'poll', ms: lease.pollMs }, { name: 'call', ms: lease.callTimeoutMs }),
    takeover: takeoverOf(times, onControlLoss, waits),
    gap: onControlLoss === 'release' ? gapOf(times, waits) : undefined,
    cutover: cutover(claimOf({ ...times, fence: undefined })),
    shot: shotOf(),
    handOver: handOverOf(times),
    lifetime:
      lease && !resources.isMoved && onControlLoss === 'release'
        ? slowly(
            [{ name: 'right', ms: lease.ttlMs - lease.marginMs }],
            clockRateError,
            'Hotspare there asks the arbiter as soon as it runs again, and lets go',
          )
        : undefined,
    yielding: yieldingOf(times),
    resumption:
      lease &&
      inTurn(resumed(slow({ name: 'retry', ms: lease.retryMs }, { name: 'call', ms: lease.callTimeoutMs, times: 3 })), claimOf(times)),
  }

  /** Those that it comes after are taken first, and have been waiting for the same. */
  function cutover(own: Bound): Bound {
    return waits.bases.reduce((all, base) => (base ? inTurn(inTurn(base.cutover, toldOf(times)), all) : all), own)
  }

  function shotOf(): Bound | undefined {
    const alone = takeoverOf({ ...times, fence: undefined }, onControlLoss, NOBODY)
    return alone && waits.bases.reduce((all, base) => (base ? inTurn(all, inTurn(base.cutover, toldOf(times))) : all), alone)
  }

  function resumed(own: Bound): Bound {
    return waits.bases.reduce((all, base) => (base?.resumption ? longer(all, inTurn(base.resumption, toldOf(times))) : all), own)
  }
}

/** Until another node knows that something is active now. */
function toldOf({ clockRateError, tickMs }: ServiceTimes): Bound {
  return slowly(
    [
      { name: 'told', ms: allowances.requestMs, times: 2 },
      { name: 'look', ms: tickMs },
    ],
    clockRateError,
  )
}

/** @returns undefined where it waits for what nobody takes by himself */
function withWaits(own: Bound, times: ServiceTimes, { bases, higher }: Waits): Bound | undefined {
  let all = own
  for (const base of bases) {
    if (base && !base.takeover) return undefined
    if (base?.takeover) all = longer(all, inTurn(base.takeover, toldOf(times)))
  }
  const patience = inTurn(own, slowly([{ name: 'patience', ms: decisionDefaults.orderMs }], times.clockRateError))
  for (const first of higher) {
    const theirs = first?.takeover && inTurn(first.takeover, toldOf(times))
    all = longer(all, theirs && theirs.atMostMs < patience.atMostMs ? theirs : patience)
  }
  return all
}

/** What goes on at a standby until it serves, once nothing stands in its way. */
function claimOf({ clockRateError, tickMs, probeWaitMs, resources, fence }: ServiceTimes): Bound {
  const { addresses, outside } = resources
  const isLong = outside.length > 0 || fence !== undefined
  return slowly(
    [
      { name: 'look', ms: tickMs },
      ...(fence ? fenceTerms(fence) : []),
      { name: 'ARP probe', ms: addresses > 0 ? probeWaitMs : 0 },
      { name: 'claim', ms: allowances.commandMs, times: addresses },
      ...outside.map(({ name, acquireMs }) => ({ name, ms: acquireMs })),
    ],
    clockRateError,
    isLong ? 'devices and providers take much less than they may, as a rule' : undefined,
  )
}

function fenceTerms({ askMs, consentMs, deviceMs }: NonNullable<ServiceTimes['fence']>): readonly Term[] {
  return [
    { name: 'asked', ms: askMs, times: 2 },
    { name: 'consent', ms: consentMs },
    { name: 'switched off', ms: deviceMs },
  ]
}

/** Until the right of a silent holder is free for another: by the arbiter, or by the silence itself. */
function freedOf({ clockRateError, lease, heartbeat }: ServiceTimes): Bound {
  if (!lease) {
    return slowly(
      [
        { name: 'silence', ms: heartbeat.timeoutMs },
        { name: 'beat', ms: heartbeat.intervalMs },
        { name: 'peers', ms: allowances.peerTickMs },
      ],
      clockRateError,
    )
  }
  return slowly(
    [
      { name: 'lease', ms: lease.ttlMs },
      { name: 'poll', ms: Math.min(lease.pollMs, lease.ttlMs) },
      { name: 'call', ms: lease.callTimeoutMs, times: 3 },
    ],
    clockRateError,
  )
}

function takeoverOf(times: ServiceTimes, onControlLoss: 'keep' | 'release', waits: Waits): Bound | undefined {
  const freed = freedOf(times)
  if (onControlLoss === 'release') return claimedAfter(freed, times, waits)
  const { look, clockRateError } = times
  // Nobody takes over who cannot see that the site has gone.
  if (!look) return undefined
  const periodMs = Math.max(look.fastMs, look.timeoutMs)
  const unanswered = slowly(
    [
      { name: 'look at the address', ms: look.intervalMs },
      { name: 'repeated', ms: periodMs, times: look.fall - 1 },
      { name: 'unanswered', ms: look.timeoutMs },
    ],
    clockRateError,
  )
  // A look that is older than this counts for nothing, and the next one has to end.
  const isOldSoon = periodMs > engineDefaults.servedMaxAgeMs
  const seen = isOldSoon ? inTurn(freed, slowly([{ name: 'next look', ms: periodMs }], clockRateError)) : freed
  return claimedAfter(longer(seen, unanswered), times, waits)
}

function claimedAfter(free: Bound, times: ServiceTimes, waits: Waits): Bound | undefined {
  const all = withWaits(free, times, waits)
  return all && inTurn(all, claimOf(times))
}

function gapOf(times: ServiceTimes, waits: Waits): Bound | undefined {
  const { lease, clockRateError, gateMarginMs, gateRefreshMs, resources } = times
  if (!lease) return undefined
  const free = withWaits(freedOf(times), times, waits)
  if (!free) return undefined
  // The last renewal may not have reached the gate: then that shows the one before.
  const unseen = slowly(
    [
      { name: 'renewal', ms: lease.renewMs },
      { name: 'refresh', ms: gateRefreshMs },
    ],
    clockRateError,
  )
  const whole = inTurn(inTurn(free, unseen), claimOf(times))
  // What a provider gives to a node stays there until that is told to let go, at the end of its right.
  if (resources.isMoved) return beyond(whole, [{ name: 'right', ms: lease.ttlMs - lease.marginMs }], clockRateError)
  return beyond(whole, [{ name: 'gate', ms: lease.ttlMs - lease.marginMs - gateMarginMs - GATE_LATENESS_MS }], clockRateError)
}

function handOverOf({ clockRateError, lease, tickMs, resources, fence }: ServiceTimes): Bound {
  const { commandMs, requestMs, peerTickMs } = allowances
  const { addresses, outside } = resources
  return slowly(
    [
      { name: 'look', ms: tickMs },
      { name: 'steps', ms: requestMs, times: 3 },
      { name: 'let go and claim', ms: commandMs, times: 2 * addresses },
      ...outside.map(({ name, acquireMs, releaseMs }) => ({ name, ms: acquireMs + releaseMs })),
      // Whoever takes it hears from every other member that it has nothing.
      ...(fence ? [{ name: 'asked', ms: requestMs, times: 2 }] : []),
      ...(lease ? [] : [{ name: 'peers', ms: peerTickMs, times: 2 }]),
    ],
    clockRateError,
  )
}

function yieldingOf({ clockRateError, lease, heartbeat, reportMs, yieldMs, tickMs, resources }: ServiceTimes): Bound {
  const { addresses, outside } = resources
  const heard = { name: 'beats', ms: heartbeat.intervalMs, times: heartbeat.rise + 1 }
  const asked = lease
    ? [
        { name: 'renewal', ms: Math.max(lease.renewMs, lease.callTimeoutMs + lease.retryMs) },
        { name: 'call', ms: lease.callTimeoutMs, times: 2 },
      ]
    : [{ name: 'peers', ms: allowances.peerTellMs, times: 2 }]
  return slowly(
    [
      heard,
      ...asked,
      { name: 'report', ms: reportMs },
      { name: 'patience', ms: yieldMs },
      { name: 'look', ms: tickMs },
      { name: 'let go', ms: allowances.commandMs, times: addresses },
      ...outside.map(({ name, releaseMs }) => ({ name, ms: releaseMs })),
    ],
    clockRateError,
    'the patience is for a holder that is not heard; one that is heard is believed at once',
  )
}
