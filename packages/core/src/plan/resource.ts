import type { Verdict } from '../verdict.ts'
import type { Right } from './right.ts'

/** How a resource stands on this node. */
export type ResourceState =
  /** Completely here, and it works as far as this node can see. */
  | 'held'
  /** Not here, or not all of it. */
  | 'absent'
  /** Not here, and somebody who is none of us has it. */
  | 'foreign'
  /** It could not be looked at. */
  | 'unknown'

/** What is done to a resource. */
export type ResourceVerb = 'acquire' | 'release'

/** How something went that was tried; a failure is a value. */
export type Outcome =
  | { readonly ok: true; readonly detail: string }
  /** `retryable`: the same may succeed later without a change by people. */
  | { readonly ok: false; readonly because: string; readonly retryable: boolean }

/** How people see that a step has worked. */
export interface Verification {
  /** What to type. */
  readonly command: string
  /** What it must show, as a regular expression over its output; an empty output is `^$`. */
  readonly expect: string
}

/** A step for people: what it does, what they would type instead, and how they see that it has worked. */
export interface Instruction {
  /** One sentence. */
  readonly what: string
  /** Typed on the step's node, as root, in this order. At least one. */
  readonly manual: readonly string[]
  readonly verification: Verification
  /** Takes it back; only where that is safe at any time. */
  readonly undo?: readonly string[] | undefined
}

export interface ResourceCallOptions {
  readonly signal?: AbortSignal | undefined
}

export interface AcquireOptions extends ResourceCallOptions {
  /** The former holder has verified that it let go, in the same plan: it need not be looked for any more. Default: false */
  readonly handedOver?: boolean | undefined
}

/**
 * Anything that follows the active member: an address, a record, a script. All verbs are idempotent and have a finite
 * deadline of their own; what goes wrong in the world is an outcome, not an exception.
 */
export interface Resource {
  /** Unique in its service, and the same on every node: `vip 10.0.0.100/32`. */
  readonly id: string
  /** How long each verb may take, in milliseconds. */
  readonly allowedMs: Readonly<Record<ResourceVerb, number>>
  /** The verb for people, on any node; touches nothing. */
  instruction(verb: ResourceVerb, node: string): Instruction
  /** Why it could not be had here at all, as far as is known now: no such interface, no permission. Looks at nothing. */
  obstacle?(): string | undefined
  /** It will probably be acquired soon: begins what takes its time and changes nothing, such as a probe for duplicates. */
  prepare?(): void
  observe(options?: ResourceCallOptions): Promise<Verdict<ResourceState>>
  /**
   * Brings it here, or repairs what is missing of it. Acts only while the right is valid. A resource that must not outlive
   * the right keeps it, and lets go by itself when it ends.
   */
  acquire(right: Right, options?: AcquireOptions): Promise<Outcome>
  /** Lets go of it. Needs no right: letting go is always allowed. Never waits for a disk. */
  release(options?: ResourceCallOptions): Promise<Outcome>
}
