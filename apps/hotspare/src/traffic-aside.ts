import type { Clock } from '@hotspare/core'
import type { HealthEvent } from '@hotspare/health'

/** A target that the worker has put aside for what its requests meet. It is no verdict: health and people's word stand beside it. */
export interface TargetAside {
  readonly targetId: string
  /** `backing-off`: it asks for less, and gets something only where nobody else is left. */
  readonly state: 'ejected' | 'backing-off'
  readonly since: number
  /** When it ends by itself, in milliseconds since the Unix epoch. */
  readonly until: number
  readonly because: string
}

type ProbeFinished = Extract<HealthEvent, { readonly type: 'probe-finished' }>

/** What control knows of the targets that the worker has put aside: always the last whole list that it was told. */
export class AsideBoard {
  readonly #clock: Pick<Clock, 'wallMs'>
  #targets: ReadonlyMap<string, TargetAside> = new Map()

  constructor(options: { readonly clock: Pick<Clock, 'wallMs'> }) {
    this.#clock = options.clock
  }

  heard(targets: readonly TargetAside[]): void {
    this.#targets = new Map(targets.map((target) => [target.targetId, target]))
  }

  /** Undefined where it gets requests as its state says, as far as is known. */
  get(targetId: string): TargetAside | undefined {
    const aside = this.#targets.get(targetId)
    // A worker that has died says no more that it is over.
    return aside && aside.until > this.#clock.wallMs() ? aside : undefined
  }

  /** Whether a probe may take an ejection back, so that the worker should hear of it: it has passed, and began after that. */
  mayReturnBy({ targetId, at, result }: ProbeFinished): boolean {
    const aside = this.get(targetId)
    if (aside?.state !== 'ejected' || at - result.durationMs < aside.since) return false
    return result.outcome === 'pass' || result.outcome === 'degraded'
  }
}
