import type { Clock } from '@hotspare/core'
import { Asking } from './asking.ts'
import type { PickContext, PickRequest, PickTarget } from './types.ts'

/** How one request asks for its targets. */
export class Picking extends Asking implements PickContext {
  readonly exclude: Set<string> = new Set()
  readonly request: PickRequest
  readonly #pick: PickTarget

  constructor(request: PickRequest, { pick, clock }: { readonly pick: PickTarget; readonly clock: Clock }) {
    super(clock)
    this.request = request
    this.#pick = pick
  }

  protected override ask(): ReturnType<PickTarget> {
    return this.#pick(this)
  }

  protected override found(targetId: string): void {
    this.exclude.add(targetId)
  }

  protected override lateness(longestMs: number): string {
    return `no target became free within ${longestMs} ms`
  }
}
