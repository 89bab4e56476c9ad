import type { Clock } from '@hotspare/core'
import type { Decision } from './decision.ts'
import { engineDefaults } from './defaults.ts'
import type { FailoverEvent } from './events.ts'
import { failureOf, type PlanRecord } from './execute.ts'
import type { Role } from './facts.ts'

export interface ServiceNewsOptions {
  readonly service: string
  readonly clock: Clock
  readonly emit: (event: FailoverEvent) => void
  /** The role is another one now. */
  readonly roleChanged: () => void
}

/** Tells as events what has changed since it was told last. */
export class ServiceNews {
  readonly #options: ServiceNewsOptions
  #role: Role = 'standby'
  #decision: Decision | undefined
  #concernSinceMs: number | undefined
  #concernTold = false

  constructor(options: ServiceNewsOptions) {
    this.#options = options
  }

  get role(): Role {
    return this.#role
  }

  /** The last that was told. */
  get decision(): Decision | undefined {
    return this.#decision
  }

  tellDecision(decision: Decision): void {
    const { emit } = this.#options
    const before = this.#decision
    this.#decision = decision
    const { automation } = decision
    if (automation.state !== (before?.automation.state ?? 'on')) {
      emit(
        automation.state === 'off'
          ? { type: 'automation-off', because: automation.because, ...this.#about() }
          : { type: 'automation-on', ...this.#about() },
      )
    }
    this.#tellConcern(decision.concern)
  }

  /** Of what lasts; told once, however its words change. */
  #tellConcern(concern: string | undefined): void {
    const { clock, emit } = this.#options
    const atMs = clock.monotonicMs()
    this.#concernSinceMs = concern === undefined ? undefined : (this.#concernSinceMs ?? atMs)
    if (concern === undefined) {
      if (this.#concernTold) emit({ type: 'service-concern-ended', ...this.#about() })
      this.#concernTold = false
    } else if (!this.#concernTold && atMs - (this.#concernSinceMs ?? atMs) >= engineDefaults.concernMs) {
      this.#concernTold = true
      emit({ type: 'service-concern', because: concern, ...this.#about() })
    }
  }

  tellRole(role: Role, because: string): void {
    if (role === this.#role) return
    const from = this.#role
    this.#role = role
    this.#options.emit({ type: 'role-changed', from, to: role, because, ...this.#about() })
    this.#options.roleChanged()
  }

  tellEnd(record: PlanRecord): void {
    const because = failureOf(record)
    const about = { purpose: record.plan.purpose, tookMs: record.tookMs, ...this.#about() }
    this.#options.emit(because === undefined ? { type: 'plan-finished', ...about } : { type: 'plan-failed', because, ...about })
  }

  #about(): { readonly at: number; readonly service: string } {
    return { at: this.#options.clock.wallMs(), service: this.#options.service }
  }
}
