import type { Instruction, ResourceVerb } from '@hotspare/core/plan'

/** How a provider moves an address. */
export type ProviderShape =
  /** One call takes it from whoever has it: it is never at two, and never at none. */
  | 'atomic'
  /** It has to be taken off the former holder first: between the two calls nobody has it. */
  | 'release-then-take'
  /** Holders announce it, and the network chooses. */
  | 'announce'

/** What a provider promises, and what it asks for. */
export interface ProviderTerms {
  /** From the call to packets that arrive at the new holder, as a rule, in milliseconds. */
  readonly typicalMs: number
  /** How long each verb may take, in milliseconds. */
  readonly allowedMs: Readonly<Record<ResourceVerb, number>>
  /** For one call, in milliseconds. */
  readonly callMs: number
  /** Between two looks at an operation that is under way, in milliseconds. */
  readonly pollMs: number
  /** How old what was seen may be before it is looked at again, in milliseconds: what somebody else changed is noticed so late. */
  readonly lookEveryMs: number
  /** How long nothing is asked after credentials were refused, in milliseconds. */
  readonly credentialsPauseMs: number
  /** Our share of what the provider allows. */
  readonly rate: {
    readonly perSecond: number
    readonly burst: number
    /** Where the limit is written down. */
    readonly source: string
  }
}

/** Where an address is kept by a provider: in one place as a rule, or in one for each route table. */
export interface Place {
  /** For people: `rtb-0a1b`. */
  readonly name: string
  /** What has it there, as the provider calls it: `eni-0a1b`, `42`; undefined for nothing. */
  readonly holder: string | undefined
  /** What names this very assignment, where the provider has such a name: a call that carries it cannot undo a later one. */
  readonly version?: string | undefined
}

/** What a provider says of an address. */
export interface Holding {
  /** At least one, always in the same order. */
  readonly places: readonly Place[]
  /** The token of who acted last, where one is written beside the address. */
  readonly token?: number | undefined
}

/** A change that the provider carries out by itself. */
export interface Operation {
  /** @returns whether it has ended well @throws CloudError `busy` or `refused` when it has ended badly, others when that is not known */
  hasEnded(signal: AbortSignal): Promise<boolean>
}

export interface AssignCall {
  readonly place: Place
  /** Who is to have it. */
  readonly target: string
  /** The fencing token of the right that this is done under. */
  readonly token: number
  readonly signal: AbortSignal
}

export interface UnassignCall {
  readonly place: Place
  /** Who has it, and is to have it no more. */
  readonly target: string
  readonly signal: AbortSignal
}

/** For whom something is spelled out. */
export interface InstructionCall {
  /** The node's own. */
  readonly target: string
  /** Of the other members. */
  readonly others: readonly string[]
}

/**
 * An address that a cloud or hoster moves by its API: single calls, and nothing that decides. Each throws {@link CloudError}
 * when it cannot be had, and the signal's reason.
 */
export interface AddressProvider {
  /** Unique in a file, and the same on every node: `aws-elastic-ip eipalloc-0a1b`. */
  readonly id: string
  readonly shape: ProviderShape
  /** Whether a look is a call for each member. Default: false */
  readonly asksEach?: boolean | undefined
  readonly terms: ProviderTerms
  /**
   * Who has it now.
   *
   * @param targets those of the members: some providers can only be asked about each of them
   */
  look(targets: readonly string[], signal: AbortSignal): Promise<Holding>
  /** Gives it to a target; idempotent. @returns what has to be waited for */
  assign(call: AssignCall): Promise<Operation | undefined>
  /** Takes it off a target that has it; idempotent. @returns what has to be waited for */
  unassign(call: UnassignCall): Promise<Operation | undefined>
  /** Writes the token beside it before it moves, where the provider has room for one and does not take it with `assign`. */
  writeToken?(token: number, signal: AbortSignal): Promise<void>
  /** The verb for people, in the provider's own words; touches nothing and holds no secret. */
  instruction(verb: ResourceVerb, call: InstructionCall): Instruction
  /** Lets go of connections. Idempotent. */
  close(): Promise<void>
}
