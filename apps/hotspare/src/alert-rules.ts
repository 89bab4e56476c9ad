import type { Alert, Severity } from '@hotspare/alert'
import type { HealthState, Verdict } from '@hotspare/core'
import type { EffectiveVerdict } from '@hotspare/health/dependencies'
import type { AlertRouteConfig } from './config/config.ts'
import { namesOf, type Subject } from './watch/subject.ts'

export interface AlertFacts {
  readonly subject: Subject
  /** As it is now, after whatever has happened. */
  readonly health: Verdict<HealthState>
  /** Whether people have taken it out, or it has itself. */
  readonly isTakenOut: boolean
  readonly warning: string | undefined
  /** Whether its state is more than what the file begins with. */
  readonly isProven: boolean
  /** Whether a look of this process has shown something, and its thresholds have seen enough. */
  readonly isJudged: boolean
  readonly isMeasured: boolean
  /** What its state means, given all others'; undefined where nothing leans on anything. */
  readonly meaning: EffectiveVerdict | undefined
  /** What cannot be reached because of it, by name. */
  readonly effects: readonly string[]
  /** Whether its pool has a target that is up; true for a check. */
  readonly isServed: boolean
  /** When it happened, in milliseconds since the Unix epoch. */
  readonly at: number
  readonly node: string
  /** The severities of the alerts that fire now, by key. */
  readonly firing: ReadonlyMap<string, Severity>
  /** Those of them that an earlier control has raised: they end once this one knows enough. */
  readonly inherited: ReadonlySet<string>
}

interface Rule {
  /** What happened and what ends it, as the verb of an alert's type. */
  readonly begins: 'down' | 'degraded' | 'warning'
  readonly ends: 'up' | 'recovered' | 'warning-ended'
  shouldBegin(facts: AlertFacts): boolean
  shouldEnd(facts: AlertFacts): boolean
  /** Whether enough is known to end what an earlier control has raised. */
  isKnown(facts: AlertFacts): boolean
  severity(facts: AlertFacts): Severity
  readonly title: string
  readonly endTitle: string
  text(facts: AlertFacts): string
}

const worksOn = ({ health }: AlertFacts) => health.state === 'up' || health.state === 'degraded'

/** One thing that people are told of each. What it leans on may be down at the same time: that has an alert of its own. */
const RULES: readonly Rule[] = [
  {
    begins: 'down',
    ends: 'up',
    shouldBegin: ({ health, isProven, isTakenOut, meaning }) => health.state === 'down' && isProven && !isTakenOut && isOwnFault(meaning),
    shouldEnd: worksOn,
    isKnown: worksOn,
    severity: ({ subject, isServed }) => (subject.kind === 'target' && isServed ? 'warning' : 'critical'),
    title: 'is down',
    endTitle: 'is up again',
    text: (facts) => [`${facts.health.because}.`, ...standIns(facts), ...effects(facts)].join(' '),
  },
  {
    begins: 'degraded',
    ends: 'recovered',
    shouldBegin: ({ health, isTakenOut }) => health.state === 'degraded' && !isTakenOut,
    // While it is down it is not well either; that it is down is told apart.
    shouldEnd: ({ health }) => health.state === 'up',
    isKnown: ({ isMeasured }) => isMeasured,
    severity: () => 'warning',
    title: 'works, though not as it should',
    endTitle: 'works as it should again',
    text: ({ health }) => `${health.because}.`,
  },
  {
    begins: 'warning',
    ends: 'warning-ended',
    shouldBegin: ({ warning, isTakenOut }) => warning !== undefined && !isTakenOut,
    shouldEnd: ({ warning }) => warning === undefined,
    isKnown: ({ isJudged }) => isJudged,
    severity: () => 'warning',
    title: 'needs a look',
    endTitle: 'needs a look no longer',
    text: (facts) => `${facts.warning}.${worksOn(facts) ? ' It works meanwhile.' : ''}`,
  },
]

/**
 * Of what people are told: by what is true now, not by what has just happened, so that nothing can be missed.
 * What comes up for the first time is no news, nor is what goes down after people have taken it out; given back while it is
 * still down, it is. What is down because of something else is no news either: the root of it is.
 */
export function decideAlerts(facts: AlertFacts): readonly Alert[] {
  return RULES.flatMap((rule) => {
    const key = keyOf(facts.subject, rule)
    const severity = facts.firing.get(key)
    if (severity === undefined) return rule.shouldBegin(facts) ? [alarm(rule, facts)] : []
    const isSure = !facts.inherited.has(key) || rule.isKnown(facts)
    return rule.shouldEnd(facts) && isSure ? [allClear(rule, facts, severity)] : []
  })
}

/** While it is open whether it is, people are let sleep; the tracker says so in time. */
function isOwnFault(meaning: EffectiveVerdict | undefined): boolean {
  return meaning === undefined || (meaning.state === 'down' && meaning.settled)
}

function standIns({ subject, isServed }: AlertFacts): string[] {
  if (subject.kind === 'check') return []
  return [isServed ? 'Other targets of the pool take over.' : `No target of pool ${subject.pool} is up.`]
}

/** More names are no help in a message. */
const NAMES_TOLD = 5

function effects({ effects: names }: AlertFacts): string[] {
  if (names.length === 0) return []
  const told = names.slice(0, NAMES_TOLD).join(', ')
  return [`Because of it not to be reached: ${told}${names.length > NAMES_TOLD ? ` and ${names.length - NAMES_TOLD} more` : ''}.`]
}

function alarm(rule: Rule, facts: AlertFacts): Alert {
  return {
    ...common(rule, facts, rule.begins),
    status: 'firing',
    severity: rule.severity(facts),
    title: `${facts.subject.id} ${rule.title}`,
    text: rule.text(facts),
  }
}

/** @param severity of the alarm: the all-clear goes to whoever was alarmed */
function allClear(rule: Rule, facts: AlertFacts, severity: Severity): Alert {
  return {
    ...common(rule, facts, rule.ends),
    status: 'resolved',
    severity,
    title: `${facts.subject.id} ${rule.endTitle}`,
    text: facts.health.because,
  }
}

function common(rule: Rule, { subject, at, node }: AlertFacts, verb: string): Pick<Alert, 'id' | 'key' | 'type' | 'at' | 'labels'> {
  const type = `${subject.kind}-${verb}`
  return { id: `${subject.id}/${type}/${at}`, key: keyOf(subject, rule), type, at, labels: { node, ...namesOf(subject) } }
}

/** By which receivers know the all-clear of an alarm. */
function keyOf({ kind, id }: Subject, { begins }: Rule): string {
  return begins === 'down' ? `${kind}/${id}` : `${kind}-${begins}/${id}`
}

/** The subject of an alarm that was raised under this key; undefined: it is no alarm of these rules. */
export function subjectOfKey(key: string): Subject | undefined {
  const [, kind, id = ''] = /^(target|check)(?:-[a-z]+)?\/(.+)$/.exec(key) ?? []
  if (kind === 'check') return { kind, id }
  return kind === 'target' ? { kind, id, pool: id.split('/')[0] ?? '' } : undefined
}

/** Of an alarm whose subject is gone from the file: nobody will ever see it work again, and nobody is to wait for that. */
export function endOfUnwatched(
  key: string,
  subject: Subject,
  told: { readonly at: number; readonly node: string; readonly severity: Severity },
): Alert {
  const { at, node, severity } = told
  const type = `${subject.kind}-unwatched`
  return {
    id: `${subject.id}/${type}/${at}`,
    key,
    type,
    at,
    labels: { node, ...namesOf(subject) },
    status: 'resolved',
    severity,
    title: `${subject.id} is not watched any more`,
    text: 'It is gone from the configuration.',
  }
}

/** The channels of the routes that match, each once. */
export function channelsFor(severity: Severity, routes: readonly AlertRouteConfig[]): readonly string[] {
  const matching = routes.filter((route) => route.severities === undefined || route.severities.includes(severity))
  return [...new Set(matching.flatMap((route) => route.to))]
}
