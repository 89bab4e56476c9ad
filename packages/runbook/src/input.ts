import type { Instruction, Plan, Verification } from '@hotspare/core/plan'

/** A machine that the runbook speaks of. */
export interface RunbookNode {
  /** As the plan names it. */
  readonly name: string
  /** How people get to it: `ssh root@10.0.0.1`, `rack 4, console 2`. */
  readonly reach?: string | undefined
  /** Where it stands: `fra`. */
  readonly site?: string | undefined
  /** The file that is the hold there, by its absolute path. */
  readonly holdFile: string
}

/** Somebody to call. */
export interface RunbookContact {
  readonly name: string
  /** `incident commander` */
  readonly role?: string | undefined
  readonly phone?: string | undefined
  readonly email?: string | undefined
}

/** How automation is switched off before anything else, and on again at the end. */
export interface RunbookHold {
  /** What the hold will say; one line, without a secret. */
  readonly because: string
  /** Sets it while the daemon lives. Default: `hotspare hold set --because <because>`. */
  readonly set?: string | undefined
  /** Takes it back. Default: `hotspare hold lift`. */
  readonly lift?: string | undefined
}

/** A look at the service when all is done. */
export interface FinalCheck {
  /** One sentence: `Users get an answer.` */
  readonly what: string
  /** Where it is typed: a node, or words such as `any machine outside`. Default: the node that is active in the end. */
  readonly on?: string | undefined
  readonly verification: Verification
}

/** What people should know of the service. */
export interface RunbookService {
  /** What happens to its addresses when all of Hotspare is dead; it decides what two holders would cost. */
  readonly onControlLoss: 'keep' | 'release'
  /** What users notice while this is done: `New connections fail for less than a second.` */
  readonly impact?: string | undefined
  /** Where several services are down: in which order they are brought back, and why so. Default: nothing is said */
  readonly recoveryOrder?: readonly { readonly service: string; readonly because?: string | undefined }[] | undefined
  /** Default: none; the checks of the steps are repeated in any case. */
  readonly finalChecks?: readonly FinalCheck[] | undefined
}

/** Proves that a node is off or cut off for good. An `undo` is not printed: it would switch the node on again. */
export interface ProofOfOff extends Instruction {
  /** The node that it proves to be off. */
  readonly node: string
  /** Where it is typed: a node, or words such as `the management network`. Default: the node that takes over. */
  readonly on?: string | undefined
}

interface RunbookBase {
  readonly plan: Plan
  /** Every node of the cluster: each gets the hold, whether or not the plan has a step there. */
  readonly nodes: readonly RunbookNode[]
  readonly hold: RunbookHold
  readonly service: RunbookService
  /** The first is who is called when a check fails. Default: none. */
  readonly contacts?: readonly RunbookContact[] | undefined
  /** Milliseconds since the Unix epoch; printed in UTC. */
  readonly generatedAtMs: number
  /** Of Hotspare. */
  readonly version: string
}

/** Everybody is well, and people want the service elsewhere. */
export interface SwitchoverRunbook extends RunbookBase {
  readonly mode: 'switchover'
}

/** Somebody is thought to be dead, and people take over by hand. */
export interface ManualTakeoverRunbook extends RunbookBase {
  readonly mode: 'manual-takeover'
  /** The nodes that are thought to be dead; at least one, and the plan has no step there. */
  readonly off: readonly string[]
  /** At least one for each node that is thought to be dead; of several for one node, any one is enough. */
  readonly proofOfOff: readonly ProofOfOff[]
}

/** All that a runbook is printed from. */
export type RunbookInput = SwitchoverRunbook | ManualTakeoverRunbook
