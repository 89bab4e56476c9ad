/** What is watched: a target of a pool, or a check. Its id is the target's id, or the check's name. */
export type Subject =
  | { readonly kind: 'target'; readonly id: string; readonly pool: string }
  | { readonly kind: 'check'; readonly id: string }

/** Under which names events, labels and alerts speak of it. */
export function namesOf(subject: Subject): Readonly<Record<string, string>> {
  return subject.kind === 'target' ? { pool: subject.pool, target: subject.id } : { check: subject.id }
}

const AGENT = 'agent '

/** What the agent beside a target is called among targets and checks: no name of theirs has a space in it. */
export function agentOf(targetId: string): string {
  return `${AGENT}${targetId}`
}

/** The target that an agent stands beside; undefined for what is no agent. */
export function targetOfAgent(id: string): string | undefined {
  return id.startsWith(AGENT) ? id.slice(AGENT.length) : undefined
}
