import { z } from 'zod'

/** Under which method members tell each other who has the right. */
export const peerLeaseMethod = 'peer-lease-claim'

/** What a member says about its right to one service. */
export interface PeerLeaseMessage {
  /** Of the service. */
  readonly name: string
  /** Null for none. */
  readonly token: number | null
  /** False while it is not certain that it still stands. */
  readonly confirmed: boolean
}

const messageSchema: z.ZodType<PeerLeaseMessage> = z.object({
  name: z.string(),
  token: z.int().positive().nullable(),
  confirmed: z.boolean().default(true),
})

/** @returns undefined for what is no message */
export function readPeerLeaseMessage(body: unknown): PeerLeaseMessage | undefined {
  return messageSchema.safeParse(body).data
}

/** @returns which service a message of a member is about; undefined for what is none */
export function peerLeaseNameOf(body: unknown): string | undefined {
  return readPeerLeaseMessage(body)?.name
}
