import type { RenewalTurn } from './measure.ts'
import type { LeaseSite } from './subject.ts'

/** The first message to a worker says which subject it is, and where; each message asks for a turn. */
export interface LeaseTask {
  readonly subject: string
  readonly site: LeaseSite
  readonly leases: number
  readonly turnMs: number
}

export type LeaseAnswer = ({ readonly ok: true } & RenewalTurn) | { readonly ok: false; readonly because: string }
