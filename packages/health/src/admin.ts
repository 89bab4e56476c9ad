import type { AdminState, Verdict } from '@hotspare/core'

/** What is wanted of a target, apart from how well it is: by people, or by the target itself through a probe. */
export interface AdminWord extends Verdict<AdminState> {
  readonly by: 'people' | 'target'
}

/** What people may say. `ready` overrules what the target asks for itself. */
export type PeoplesWord = AdminState | 'ready'

/** The two voices about one target. */
export interface AdminVoices {
  readonly people: Verdict<PeoplesWord> | undefined
  readonly target: Verdict<AdminState> | undefined
}

/** What counts: the word of people, where there is one. */
export function adminWord({ people, target }: AdminVoices): AdminWord | undefined {
  if (people) return people.state === 'ready' ? undefined : { ...people, state: people.state, by: 'people' }
  return target && { ...target, by: 'target' }
}

/**
 * Whether nobody looks: people have taken it out, and know what they do (as HAProxy's `maint`). A target that asks for
 * maintenance itself is looked at on, since nobody else could tell when it is done.
 */
export function isLeftAlone({ people }: AdminVoices): boolean {
  return people?.state === 'maintenance'
}
