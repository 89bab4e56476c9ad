import { isDeepStrictEqual } from 'node:util'
import type { Config, PoolConfig } from '../config/config.ts'

// What differs between two configurations, by the keys of the file; never a value that may be a secret.

/** The longest list of names in a sentence. */
const NAMES_TOLD = 5

/** What people call one of each list. */
const SINGULAR: Readonly<Record<string, string>> = { proxies: 'proxy' }

/** What has changed, in clauses for people. Empty: nothing. */
export function changesBetween(before: Config, after: Config): readonly string[] {
  const [was, is] = [new Map<string, unknown>(Object.entries(before)), new Map<string, unknown>(Object.entries(after))]
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((key) => {
    const [one = [], other = []] = [was.get(key), is.get(key)]
    if (!isList(one) || !isList(other)) return differs(key, was.get(key), is.get(key))
    return key === 'pools'
      ? listChanges('pool', before.pools, after.pools, poolChanges)
      : listChanges(SINGULAR[key] ?? key.replace(/s$/, ''), one, other, keyChanges)
  })
}

/** The keys of two objects that differ, as the file spells them: durations carry their unit there. */
export function changedKeys(before: object, after: object): readonly string[] {
  const [one, other] = [new Map<string, unknown>(Object.entries(before)), new Map<string, unknown>(Object.entries(after))]
  return [...new Set([...one.keys(), ...other.keys()])]
    .filter((key) => !isDeepStrictEqual(one.get(key), other.get(key)))
    .map((key) => key.replace(/Ms$/, ''))
}

interface Named {
  readonly name: string
}

function differs(key: string, before: unknown, after: unknown): readonly string[] {
  if (isDeepStrictEqual(before, after)) return []
  const keys = isObject(before) && isObject(after) ? changedKeys(before, after) : []
  return [`${key} changed${keys.length > 0 ? ` (${listed(keys)})` : ''}`]
}

function listChanges<Each extends Named>(
  kind: string,
  before: readonly Each[],
  after: readonly Each[],
  describe: (before: Each, after: Each) => string,
): readonly string[] {
  const { added, removed, both } = compared(before, after)
  const changed = both.filter(([one, other]) => !isDeepStrictEqual(one, other))
  // Names are all there and in another order: that may be a preference.
  const moved = added.length + removed.length + changed.length === 0 && !isDeepStrictEqual(namesOf(before), namesOf(after))
  return [
    ...(added.length > 0 ? [`${plural(kind, added)} ${listed(added)} added`] : []),
    ...(removed.length > 0 ? [`${plural(kind, removed)} ${listed(removed)} removed`] : []),
    ...changed.map(([one, other]) => `${kind} ${other.name}: ${describe(one, other)}`),
    ...(moved ? [`the order of ${plural(kind, ['', ''])} changed`] : []),
  ]
}

function poolChanges(before: PoolConfig, after: PoolConfig): string {
  const balance =
    before.balance.algorithm === after.balance.algorithm ? [] : [`balance ${after.balance.algorithm} (was ${before.balance.algorithm})`]
  const keys = changedKeys(before, after).filter((key) => key !== 'targets' && !(key === 'balance' && balance.length > 0))
  const targets = listChanges('target', before.targets, after.targets, keyChanges)
  return [...targets, ...balance, ...(keys.length > 0 ? [`${listed(keys)} changed`] : [])].join(', ')
}

function keyChanges(before: object, after: object): string {
  return `${listed(changedKeys(before, after))} changed`
}

function compared<Each extends Named>(before: readonly Each[], after: readonly Each[]) {
  const [was, is] = [new Map(before.map((each) => [each.name, each])), new Map(after.map((each) => [each.name, each]))]
  return {
    added: namesOf(after).filter((name) => !was.has(name)),
    removed: namesOf(before).filter((name) => !is.has(name)),
    both: after.flatMap((other): [Each, Each][] => {
      const one = was.get(other.name)
      return one ? [[one, other]] : []
    }),
  }
}

function namesOf(list: readonly Named[]): readonly string[] {
  return list.map(({ name }) => name)
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMES_TOLD
  return more > 0 ? `${names.slice(0, NAMES_TOLD).join(', ')} and ${more} more` : names.join(', ')
}

function plural(kind: string, names: readonly unknown[]): string {
  if (names.length === 1) return kind
  return kind === 'proxy' ? 'proxies' : `${kind}s`
}

function isList(value: unknown): value is readonly Named[] {
  return Array.isArray(value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
