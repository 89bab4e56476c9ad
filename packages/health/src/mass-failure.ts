import { DueQueue } from './due-queue.ts'

export interface MassRules {
  /** So many groups at least must have stopped answering, */
  readonly massGroups: number
  /** and more than this share of those that were looked at meanwhile. */
  readonly massRatio: number
  /** What counts as at once, in milliseconds; for a target that is looked at less often, one and a half of its intervals. */
  readonly massWindowMs: number
  /** For how long it is doubted; then it counts. */
  readonly massHoldMs: number
}

/** A target as this rule sees it. */
export interface MassMember {
  readonly id: string
  /** Targets of one group may fail together: they are one voice. */
  readonly group: string
  /** Known to have nothing in common with the others, and to be always there. */
  readonly canary: boolean
  readonly intervalMs: number
}

type Look = 'failed' | 'passed'

interface Group {
  failed: number
  passed: number
}

const LOOKS_PER_INTERVAL = 1.5

/**
 * Whether most of what is unrelated has stopped answering at once: then this machine, or its way into the network, is the
 * more likely fault. It begins with the first target that newly fails, looks at what every target shows from then on,
 * and ends when targets answer again, or after `massHoldMs`: a whole data centre may really be dead.
 *
 * A canary decides alone. While any of them answers, the network is there and what fails has failed; when all of them
 * have newly failed, nothing else is needed. No clock and no I/O: time is an argument.
 */
export class MassFailure {
  readonly #rules: MassRules
  readonly #members = new Map<string, { readonly member: MassMember; look: Look }>()
  readonly #expiry = new DueQueue<string>()
  readonly #groups = new Map<string, Group>()
  readonly #canaries = new Set<string>()
  #failingGroups = 0
  #failing = 0
  #canariesFailed = 0
  #canariesPassed = 0
  /** `spent`: it went on for too long, and counts until enough targets answer. */
  #state: 'quiet' | 'doubted' | 'spent' = 'quiet'
  #sinceMs = 0

  constructor(rules: MassRules) {
    this.#rules = rules
  }

  /** Notes a canary before it was looked at. */
  addCanary(id: string): void {
    this.#canaries.add(id)
  }

  forget(id: string): void {
    this.#canaries.delete(id)
    this.#drop(id)
  }

  /** A target has answered, in whatever way. */
  answered(member: MassMember, atMs: number): void {
    // The usual case: nothing fails, so there is nothing to compare with.
    if (this.#failing > 0) this.#put(member, 'passed', atMs)
    this.#judge(atMs)
  }

  /** A target was silent. @param isNew whether it had answered before */
  silent(member: MassMember, isNew: boolean, atMs: number): void {
    const known = this.#members.get(member.id)?.look === 'failed'
    // One that fails on stays in the count while this lasts; before, only what has just begun to fail says anything.
    if (known ? this.#state !== 'quiet' : isNew) this.#put(member, 'failed', atMs)
    this.#judge(atMs)
  }

  /** Why failures are doubted now; undefined while they are not. */
  doubt(atMs: number): string | undefined {
    this.#judge(atMs)
    if (this.#state !== 'doubted') return undefined
    if (this.#allCanariesFail()) return 'all canaries stopped answering at once'
    return `${this.#failingGroups} of ${this.#groups.size} unrelated targets stopped answering at once`
  }

  /** Whether this was doubted for as long as may be, and still is so. */
  get isSpent(): boolean {
    return this.#state === 'spent'
  }

  #judge(atMs: number): void {
    if (this.#members.size === 0 && this.#state === 'quiet') return
    for (let oldest = this.#expiry.peek(); oldest && oldest.dueMs <= atMs; oldest = this.#expiry.peek()) this.#drop(oldest.item)
    if (this.#failing === 0) return this.#reset()
    const { massRatio, massHoldMs } = this.#rules
    switch (this.#state) {
      case 'quiet':
        if (!this.#isSuspicious(massRatio)) return
        this.#state = 'doubted'
        this.#sinceMs = atMs
        return
      case 'doubted':
        // What was seen stays: a canary that has just answered must not be forgotten with the doubt that it ended.
        if (!this.#isSuspicious(massRatio / 2)) this.#state = 'quiet'
        else if (atMs - this.#sinceMs >= massHoldMs) this.#state = 'spent'
        return
      case 'spent':
        if (!this.#isSuspicious(massRatio / 2)) this.#state = 'quiet'
    }
  }

  #isSuspicious(ratio: number): boolean {
    if (this.#canariesPassed > 0) return false
    if (this.#allCanariesFail()) return true
    const enough = this.#state === 'quiet' ? this.#rules.massGroups : 1
    return this.#failingGroups >= enough && this.#failingGroups > ratio * this.#groups.size
  }

  #allCanariesFail(): boolean {
    return this.#canaries.size > 0 && this.#canariesFailed === this.#canaries.size
  }

  #put(member: MassMember, look: Look, atMs: number): void {
    this.#drop(member.id)
    this.#members.set(member.id, { member, look })
    this.#count(member, look, 1)
    this.#expiry.set(member.id, atMs + Math.max(this.#rules.massWindowMs, LOOKS_PER_INTERVAL * member.intervalMs))
  }

  #drop(id: string): void {
    const entry = this.#members.get(id)
    if (!entry) return
    this.#members.delete(id)
    this.#expiry.delete(id)
    this.#count(entry.member, entry.look, -1)
  }

  #count(member: MassMember, look: Look, by: 1 | -1): void {
    const group = this.#groups.get(member.group) ?? { failed: 0, passed: 0 }
    if (isFailing(group)) this.#failingGroups--
    group[look] += by
    if (isFailing(group)) this.#failingGroups++
    if (group.failed + group.passed === 0) this.#groups.delete(member.group)
    else this.#groups.set(member.group, group)
    if (look === 'failed') this.#failing += by
    if (!member.canary) return
    if (look === 'failed') this.#canariesFailed += by
    else this.#canariesPassed += by
  }

  #reset(): void {
    this.#state = 'quiet'
    this.#members.clear()
    this.#expiry.clear()
    this.#groups.clear()
    this.#failingGroups = this.#failing = this.#canariesFailed = this.#canariesPassed = 0
  }
}

/** A group of which one still answers is not gone. */
function isFailing({ failed, passed }: Group): boolean {
  return failed > 0 && passed === 0
}
