import { createHash } from 'node:crypto'

/** Bytes of a name's id in a packet. */
const NAME_ID_BYTES = 8

/** The 64 bits, in hex, that stand for a name in a packet, so that all packets have one length. */
export function nameId(name: string): string {
  return createHash('sha256')
    .update(name)
    .digest('hex')
    .slice(0, 2 * NAME_ID_BYTES)
}
