import type { Alert, Severity } from '@hotspare/alert'
import type { Clock, Timer, Verdict } from '@hotspare/core'

export interface ObserverDeskOptions {
  readonly node: string
  readonly clock: Clock
  /** How this node is now. */
  readonly observer: () => Verdict<'well' | 'unwell'>
  readonly notify: (alert: Alert) => void
  /** The alarms that fire already, by key: of the control before. */
  readonly firing?: ReadonlyMap<string, Severity> | undefined
}

export interface ObserverDesk {
  /** This node has become well, or unwell. */
  look(): void
  severityOf(key: string): Severity | undefined
  stop(): void
}

/** A second in which nothing ran is for the timeline; people are told of what lasts. */
const PATIENCE_MS = 5_000

/** Tells people that this node cannot judge: what it does not call down may well be. */
export function openObserverDesk({ node, clock, observer, notify, firing }: ObserverDeskOptions): ObserverDesk {
  const key = `observer/${node}`
  let isFiring = firing?.has(key) ?? false
  let timer: Timer | undefined

  function look(): void {
    timer?.cancel()
    timer = (observer().state === 'unwell') === isFiring ? undefined : clock.schedule(PATIENCE_MS, tell)
  }

  function tell(): void {
    const { state, because } = observer()
    isFiring = state === 'unwell'
    const at = clock.wallMs()
    const type = `observer-${state}`
    notify({
      id: `${node}/${type}/${at}`,
      key,
      status: isFiring ? 'firing' : 'resolved',
      type,
      severity: 'warning',
      title: isFiring ? `${node} cannot judge what it sees` : `${node} can judge again`,
      text: isFiring ? `${because}. Meanwhile it calls nothing down that it only misses; look at ${node} itself.` : because,
      at,
      labels: { node },
    })
  }

  // What an earlier control has raised may be over.
  look()
  return {
    look,
    severityOf: (asked) => (asked === key && isFiring ? 'warning' : undefined),
    stop: () => timer?.cancel(),
  }
}
