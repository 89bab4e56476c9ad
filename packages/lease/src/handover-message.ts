import { z } from 'zod'
import { boundedName, LONGEST_TTL_MS, recordSchema } from './record.ts'
import type { LeaseRecord } from './register.ts'

/**
 * A right on its way from its holder to whoever has invited the holder to hand it over. It says what the register still holds, and for how
 * long nobody but the two may act: the holder's right has ended, and will not come back by itself. JSON.
 */
export interface LeaseHandover {
  /** Which invitation it answers; good for one use. */
  readonly invitation: string
  /** The holder's last record, which is still in the register. */
  readonly record: LeaseRecord
  /** What was left of the holder's right when it ended, in milliseconds: to be counted from the invitation on. */
  readonly restMs: number
}

/** What a holder may hand its right over for. JSON. */
export interface LeaseInvitation {
  readonly id: string
}

const handoverSchema: z.ZodType<LeaseHandover> = z.object({
  invitation: boundedName,
  record: recordSchema,
  restMs: z.number().positive().max(LONGEST_TTL_MS),
})

const invitationSchema: z.ZodType<LeaseInvitation> = z.object({ id: boundedName })

/** @returns what somebody else has handed over; undefined for what makes no sense */
export function readHandover(value: unknown): LeaseHandover | undefined {
  return handoverSchema.safeParse(value).data
}

/** @returns somebody's invitation; undefined for what makes no sense */
export function readInvitation(value: unknown): LeaseInvitation | undefined {
  return invitationSchema.safeParse(value).data
}
