import { LONGEST_DELAY_MS } from '@hotspare/core'
import { z } from 'zod'

/** A secret of the cluster: one list serves the heartbeat, the peer channel and the witness of `@hotspare/lease`. */
export interface ClusterSecret {
  /** 1 to 255; names the secret on the wire, so one id means one secret on all nodes. */
  readonly id: number
  /** 16 to 1,024 bytes, from a generator and not from a person: whoever recorded a packet may guess at leisure. */
  readonly secret: string
}

/** The longest name of a node, in characters: as long as the label of a host name. */
const LONGEST_NODE_NAME = 63

/** Every node watches every other: at 100 ms some 1,300 packets a second, each way. */
export const MOST_PEERS = 128

/** 128 bits, if it comes from a generator. */
const FEWEST_SECRET_BYTES = 16

export const nodeName: z.ZodType<string, string> = z
  .string()
  .max(LONGEST_NODE_NAME)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'expected letters, digits and . _ -, beginning with a letter or digit')

export const milliseconds: z.ZodType<number, number> = z.int().min(1).max(LONGEST_DELAY_MS)

/** Names one life of a process; zeros stand for none. */
export const session: z.ZodType<string, string> = z.string().regex(/^(?!0{16})[0-9a-f]{16}$/, 'expected 16 hex digits')

const clusterSecret: z.ZodType<ClusterSecret, ClusterSecret> = z.strictObject({
  id: z.int().min(1).max(255),
  secret: z
    .string('expected a text: is the variable or file that it comes from empty?')
    .max(1_024)
    .refine((secret) => Buffer.byteLength(secret) >= FEWEST_SECRET_BYTES, `expected at least ${FEWEST_SECRET_BYTES} bytes`),
})

/** The first signs and dials, all are accepted. At least one, ids unique. */
export const clusterSecrets: z.ZodType<readonly ClusterSecret[], readonly ClusterSecret[]> = z
  .array(clusterSecret)
  .min(1, 'expected at least one secret')
  .max(8)
  .superRefine((secrets, context) => {
    if (new Set(secrets.map(({ id }) => id)).size < secrets.length)
      context.addIssue({ code: 'custom', message: 'two secrets have the same id' })
  })
