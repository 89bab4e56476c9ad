import type { HelloFrame } from './frame.ts'

export type Agreement =
  | { readonly ok: true; readonly protocol: number; readonly fingerprintAgrees: boolean }
  | { readonly ok: false; readonly reason: 'wrong-node' | 'protocol-version'; readonly detail: string }

/**
 * What two hellos agree on. Both sides compute the same version: the newer one speaks as the older one does, as long as
 * it still can. A different fingerprint is told, not refused: nodes that disagree must still be able to talk about it.
 *
 * @param expectedNode whom the key belongs to
 */
export function agree(ours: HelloFrame, theirs: HelloFrame, expectedNode: string): Agreement {
  if (theirs.node !== expectedNode) {
    return { ok: false, reason: 'wrong-node', detail: `it has the key of ${expectedNode} and calls itself ${theirs.node}` }
  }
  const protocol = Math.min(ours.protocol.current, theirs.protocol.current)
  if (protocol < Math.max(ours.protocol.oldest, theirs.protocol.oldest)) {
    return {
      ok: false,
      reason: 'protocol-version',
      detail: `${ours.node} speaks ${range(ours)}, ${theirs.node} speaks ${range(theirs)}: update the older one`,
    }
  }
  return { ok: true, protocol, fingerprintAgrees: ours.fingerprint === theirs.fingerprint }
}

function range({ protocol: { oldest, current } }: HelloFrame): string {
  return oldest === current ? `protocol ${current}` : `protocols ${oldest} to ${current}`
}
