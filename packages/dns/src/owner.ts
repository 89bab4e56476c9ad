import type { RecordSet } from './record-set.ts'

/** Who has a record, and by which right. */
export interface Owner {
  /** Undefined where the last one has given it up. */
  readonly node: string | undefined
  /** The fencing token of the right it was written under. */
  readonly token: number
}

/** What stands in the place of an owner record. */
export type OwnerFact =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'owner' } & Owner)
  /** Something else stands in its place. */
  | { readonly kind: 'strange'; readonly text: string }

const OWNER = /^hotspare(?: node=([\w.-]{1,63}))? token=(\d{1,16})$/

/** Where the owner of a name's records is written down, as TXT; for a wildcard, beside it. */
export function ownerName(name: string): string {
  return `_hotspare.${name.replace(/^\*\./, '_wildcard.')}`
}

/** `hotspare node=web-1 token=7`; without a node: given up, and tokens below that one are refused all the same. */
export function formatOwner({ node, token }: Owner): string {
  return `hotspare${node === undefined ? '' : ` node=${node}`} token=${token}`
}

/** What {@link formatOwner} has made; undefined for anything else. */
export function parseOwner(text: string): Owner | undefined {
  const [, node, digits] = OWNER.exec(text) ?? []
  const token = Number(digits)
  return digits !== undefined && Number.isSafeInteger(token) ? { node, token } : undefined
}

/** What the owner record says: one value of ours. Several say nothing that can be trusted. */
export function readOwner(set: Pick<RecordSet, 'values'> | undefined): OwnerFact {
  if (!set) return { kind: 'none' }
  const [text = '', ...more] = set.values
  const owner = more.length === 0 ? parseOwner(text) : undefined
  return owner ? { kind: 'owner', ...owner } : { kind: 'strange', text: set.values.join(', ') }
}
