import { assertNever, formatDuration, type Verdict } from '@hotspare/core'
import {
  decide,
  type Decision,
  decisionDefaults,
  engineDefaults,
  type Facts,
  initialMemory,
  type PeerFact,
  type ServiceDefinition,
} from '@hotspare/failover'
import { detectionBoundMs, heartbeatDefaults } from '@hotspare/heartbeat'
import { timingChain } from '@hotspare/lease'
import type { Promised } from './report-types.ts'

/** What has happened to the master, as it matters to who would decide. */
export type Happening =
  /** Its adverts ended; whether its machine still answers for the address, and whether the service does. */
  | { readonly type: 'silent'; readonly stillHeld: boolean; readonly served: boolean }
  /** It and another one speak at the same time: they do not hear each other. */
  | { readonly type: 'parted' }
  | { readonly type: 'resigned' }
  /** One that counts more came back, and the master was well. */
  | { readonly type: 'preempted' }
  /** Its own priority fell: a check on it failed. */
  | { readonly type: 'demoted' }
  /** The service failed while it spoke. */
  | { readonly type: 'failing' }
  /** Some of its adverts were lost. */
  | { readonly type: 'gap'; readonly gapMs: number }

export interface PromiseRules {
  readonly ttlMs: number
  /** Of the adverts: between two of them nobody knows how it is. */
  readonly advertMs: number
}

/** A moment long after the start, so that nothing waits for having just started. */
const NOW_MS = 3_600_000
const ACTIVE = 'the master'
const STANDBY = 'the standby'

/** How soon Hotspare would know, and act, with its defaults. */
export interface Bounds {
  /** From the last beat of a peer to its conviction. */
  readonly detectionMs: number
  readonly silenceMs: number
  /** From the death of the active node to another one's right and its address, at the least and at the most. */
  readonly takeoverMs: { readonly least: number; readonly most: number }
}

export function boundsOf(ttlMs: number): Bounds {
  const { timing, takeoverMs } = timingChain({ ttlMs })
  const { intervalMs, timeoutBeats } = heartbeatDefaults
  const silenceMs = intervalMs * timeoutBeats
  return {
    silenceMs,
    detectionMs: detectionBoundMs({ intervalMs, limitMs: silenceMs, ownPauseMs: 0 }).onTime,
    // A right that ran out is seen with the next look of the engine.
    takeoverMs: { least: Math.floor(ttlMs - timing.renewMs), most: Math.ceil(takeoverMs + engineDefaults.tickMs) },
  }
}

/**
 * What Hotspare would have done, once for each way in which the service could be configured. Its own decision says whether anything
 * moves; the time chain of its lease says when. Assumed is an arbiter that both nodes reach, and a standby that is well.
 */
export function promise(happening: Happening, rules: PromiseRules): readonly Promised[] {
  return (['release', 'keep'] as const).map((onControlLoss) => promiseFor(happening, onControlLoss, rules))
}

function promiseFor(happening: Happening, onControlLoss: 'release' | 'keep', { ttlMs, advertMs }: PromiseRules): Promised {
  const bounds = boundsOf(ttlMs)
  const decision = decideAbout(happening, onControlLoss, bounds)
  const action = actionOf(decision)
  // The master lived at its last advert, and may have lived up to the next one.
  const takeoverMs = action === 'take' ? { least: bounds.takeoverMs.least, most: bounds.takeoverMs.most + Math.round(advertMs) } : null
  return {
    onControlLoss,
    action,
    because: decision.because,
    takeoverMs,
    holders: holdersOf(happening, onControlLoss, action),
    assuming: `an arbiter that both nodes reach, a standby that is well, and a lease of ${formatDuration(ttlMs)}`,
  }
}

function decideAbout(happening: Happening, onControlLoss: 'release' | 'keep', bounds: Bounds): Decision {
  const service: ServiceDefinition = {
    name: 'site',
    members: [ACTIVE, STANDBY],
    onControlLoss,
    failback: { type: 'manual' },
    maxFailoversPerHour: decisionDefaults.maxFailoversPerHour,
  }
  return decide(service, factsOf(happening, bounds), initialMemory(0), NOW_MS, decisionDefaults)
}

/** What the node that has to decide would know. */
function factsOf(happening: Happening, bounds: Bounds): Facts {
  switch (happening.type) {
    case 'silent':
      // Once the lease has run out; before that nobody may act.
      return asStandby({
        alive: verdict('down', 'no heartbeat'),
        lease: verdict('free', 'it was not renewed for a full ttl'),
        holder: null,
        served: happening.served ? verdict('yes', 'the check passes at the address') : verdict('no', 'the check fails at the address'),
      })
    case 'parted':
      return asStandby({
        alive: verdict('down', 'no heartbeat'),
        lease: verdict('elsewhere', 'the master has the lease, and renews it'),
        holder: ACTIVE,
        served: verdict('yes', 'the check passes at the address'),
      })
    case 'gap': {
      const isLong = happening.gapMs > bounds.silenceMs
      return asStandby({
        alive: isLong ? verdict('down', 'no heartbeat for as long as that') : verdict('up', 'a silence that is shorter than the limit'),
        lease: verdict('elsewhere', 'the master has the lease, and renews it'),
        holder: ACTIVE,
        served: verdict('yes', 'the check passes at the address'),
      })
    }
    case 'resigned':
      return asHolder({ maintenance: 'people stop it' })
    case 'preempted':
      return asHolder({})
    case 'demoted':
    case 'failing':
      return asHolder({ check: verdict('down', 'the check fails') })
    default:
      return assertNever(happening)
  }
}

interface StandbyFacts {
  readonly alive: PeerFact['alive']
  readonly lease: Facts['lease']
  readonly holder: string | null
  readonly served: Facts['served']
}

function asStandby({ alive, lease, holder, served }: StandbyFacts): Facts {
  const isHeard = alive.state === 'up'
  const peer: PeerFact = { node: ACTIVE, alive, agrees: true, report: isHeard ? reportOf('active') : undefined }
  return {
    ...common(STANDBY),
    lease,
    leaseHolder: holder,
    served,
    peers: [peer],
    resources: [{ id: 'address', verdict: verdict('absent', 'not here') }],
  }
}

function asHolder({ maintenance, check }: { readonly maintenance?: string; readonly check?: Facts['check'] }): Facts {
  const peer: PeerFact = { node: STANDBY, alive: verdict('up', 'beats arrive'), agrees: true, report: reportOf('standby') }
  return {
    ...common(ACTIVE),
    lease: verdict('held', 'renewed'),
    leaseHolder: ACTIVE,
    served: verdict('yes', 'the check passes at the address'),
    peers: [peer],
    resources: [{ id: 'address', verdict: verdict('held', 'here') }],
    maintenance,
    check: check ?? verdict('up', 'the check passes'),
  }
}

function common(node: string): Pick<Facts, 'node' | 'leaseToken' | 'arbiterAnswers' | 'sick' | 'hold' | 'maintenance' | 'check'> {
  return {
    node,
    leaseToken: 1,
    arbiterAnswers: true,
    sick: undefined,
    hold: undefined,
    maintenance: undefined,
    check: verdict('up', 'the check passes'),
  }
}

function reportOf(role: 'active' | 'standby'): PeerFact['report'] {
  return { identities: [], services: { site: { role, check: { state: 'up', because: 'the check passes' } } } }
}

function verdict<State extends string>(state: State, because: string): Verdict<State> {
  return { state, because, since: 0 }
}

function actionOf({ move, concern }: Decision): Promised['action'] {
  if (move?.type === 'take') return 'take'
  if (move?.type === 'hand-over') return 'hand-over'
  // It tells people, and waits for them.
  return concern === undefined ? 'nothing' : 'wait'
}

function holdersOf(happening: Happening, onControlLoss: 'release' | 'keep', action: Promised['action']): string {
  if (action === 'hand-over')
    return onControlLoss === 'release'
      ? 'one at most: the old one lets go first'
      : 'the new one is made before the old one is let go, on purpose'
  if (action === 'wait') return 'one: the address stays where it is as long as the service answers there'
  if (action !== 'take') return 'one: nobody takes what another one has the right to'
  if (onControlLoss === 'release')
    return 'one at most: the kernel takes the address away before the lease can pass on, even from a node whose processes are dead or stand still'
  return happening.type === 'silent' && happening.stillHeld
    ? 'two are possible: the old one still answers for the address, though the service there does not'
    : 'one: the address answered nobody any more'
}
