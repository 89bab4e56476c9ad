import type { Instructions } from '../make-plan.ts'

/** Steps in words for nobody: only their times matter here. */
export function virtualInstructions(ttlMs: number): Instructions {
  return {
    prepare: (node) => timed(`${node} is asked.`, 1_000),
    lease: (verb, node) => timed(`${node} is to ${verb} the lease.`, verb === 'take' ? 2 * ttlMs + 1_000 : ttlMs),
    resource: (id, verb, node) => timed(`${node} is to ${verb} ${id}.`, 2_000),
  }
}

function timed(what: string, allowedMs: number): ReturnType<Instructions['prepare']> {
  return { what, manual: ['hotspare status'], verification: { command: 'hotspare status', expect: 'active' }, allowedMs }
}
