import { listAt, parseJson, textAt } from '@hotspare/cloud'

/** A set as it was listed, word for word: who removes it has to name it so. */
export interface ListedSet {
  readonly ttlSeconds: number
  readonly values: readonly string[]
}

/** What a listing says of a set. */
export type Listed =
  | { readonly kind: 'set'; readonly set: ListedSet }
  | { readonly kind: 'absent' }
  /** It is more than values and a TTL: the provider decides what is answered. */
  | { readonly kind: 'steered' }
  | { readonly kind: 'unreadable' }

/** The words of a listing, for a reading to carry to the change that depends on it. */
export function versionOf({ ttlSeconds, values }: ListedSet): string {
  return JSON.stringify([ttlSeconds, values])
}

/** What {@link versionOf} has made; undefined for anything else. */
export function parseVersion(version: string | undefined): ListedSet | undefined {
  const parts = parseJson(version ?? '')
  const [ttl, values] = [textAt(parts, 0), listAt(parts, 1)]
  if (ttl === undefined || values.length === 0 || !values.every((value) => typeof value === 'string')) return undefined
  return { ttlSeconds: Number(ttl), values }
}
