import type { FailoverEvent } from '../events.ts'
import type { Notice, PlanRun } from './run.ts'

type Draft<Kind> = Kind extends Notice ? Omit<Kind, 'atMs'> : never

/** What happened in a run, for whoever measures. */
export class Logbook {
  readonly #nowMs: () => number
  readonly #plans: PlanRun[] = []
  /** The places of those that run, by node and service. */
  readonly #running = new Map<string, number>()
  readonly #notices: Notice[] = []
  readonly #struck: { readonly atMs: number; readonly fault: number }[] = []
  /** The last opinion of each node on each thing. */
  readonly #last = new Map<string, string>()

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  get plans(): readonly PlanRun[] {
    return this.#plans
  }

  get notices(): readonly Notice[] {
    return this.#notices
  }

  get struck(): readonly { readonly atMs: number; readonly fault: number }[] {
    return this.#struck
  }

  /** @param fault its place in the schedule */
  strike(fault: number): void {
    this.#struck.push({ atMs: this.#nowMs(), fault })
  }

  /** Kept where it is another opinion than before. */
  notice(notice: Draft<Notice>): void {
    const subject = 'peer' in notice ? notice.peer : notice.service
    const key = `${notice.node} ${notice.about} ${subject}`
    if (this.#last.get(key) === notice.state) return
    this.#last.set(key, notice.state)
    this.#notices.push({ ...notice, atMs: this.#nowMs() })
  }

  happened(node: string, event: FailoverEvent): void {
    if (event.type === 'role-changed') this.notice({ node, about: 'role', service: event.service, state: event.to })
    if (event.type === 'plan-started') {
      const { service, purpose, from, to, because } = event
      this.#running.set(`${node} ${service}`, this.#plans.length)
      this.#plans.push({ service, node, purpose, from, to, because, beginMs: this.#nowMs(), ok: false })
    }
    if (event.type === 'plan-finished' || event.type === 'plan-failed')
      this.#close(`${node} ${event.service}`, event.type === 'plan-finished')
  }

  /** A node's process is gone, and all that it thought. */
  gone(node: string): void {
    for (const key of this.#last.keys()) if (key.startsWith(`${node} `)) this.#last.delete(key)
    for (const key of this.#running.keys()) if (key.startsWith(`${node} `)) this.#running.delete(key)
  }

  #close(key: string, ok: boolean): void {
    const index = this.#running.get(key)
    const plan = index === undefined ? undefined : this.#plans[index]
    if (index === undefined || !plan) return
    this.#running.delete(key)
    this.#plans[index] = { ...plan, endMs: this.#nowMs(), ok }
  }
}
