/** A check that must hold for every commit: one command, typed by a human in the same words. */
export interface Gate {
  readonly name: string
  /** What is broken when it fails, for someone who sees it for the first time. */
  readonly why: string
  /** Run at the top of the checkout. */
  readonly command: readonly [string, ...string[]]
  /** Names of gates whose results this one reads. */
  readonly needs?: readonly string[] | undefined
  /** How long it may take before it is stopped and counts as failed. Default: five minutes. */
  readonly timeoutMs?: number | undefined
}

export type GateOutcome =
  | { readonly state: 'passed'; readonly seconds: number }
  | { readonly state: 'failed'; readonly seconds: number; readonly reason: string; readonly output: string }
  | { readonly state: 'skipped'; readonly because: string }
