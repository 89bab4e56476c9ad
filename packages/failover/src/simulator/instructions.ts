import type { ResourceVerb } from '@hotspare/core/plan'
import type { Instructions } from '../make-plan.ts'

export interface VirtualTimes {
  readonly ttlMs: number
  /** How long a verb of a resource may take, in milliseconds. */
  readonly resourceMs: (id: string, verb: ResourceVerb) => number
  /** How long a node may take to be switched off, in milliseconds. */
  readonly fenceMs: (node: string) => number
}

/** Steps in words for nobody: only their times matter here. */
export function virtualInstructions({ ttlMs, resourceMs, fenceMs }: VirtualTimes): Instructions {
  return {
    prepare: (node) => timed(`${node} is asked.`, 1_000),
    lease: (verb, node) => timed(`${node} is to ${verb} the lease.`, verb === 'take' ? 2 * ttlMs + 1_000 : ttlMs),
    fence: (target) => timed(`${target} is switched off.`, fenceMs(target)),
    resource: (id, verb, node) => timed(`${node} is to ${verb} ${id}.`, resourceMs(id, verb)),
  }
}

function timed(what: string, allowedMs: number): ReturnType<Instructions['prepare']> {
  return { what, manual: ['hotspare status'], verification: { command: 'hotspare status', expect: 'active' }, allowedMs }
}
