import { errorText, optionsError, type OptionsIssue } from '@hotspare/core'
import { whyNotExpressible } from '../expressible.ts'
import { isWithin } from '../name.ts'
import type { DnsProvider } from '../provider.ts'
import { canonicalValue } from '../value.ts'
import type { ResolvedAnsweringRecord } from './options.ts'

/**
 * Records as they are compared later, after all that could never work was found: values that are none, targets and records that are
 * there twice, and what one of the providers cannot have.
 *
 * @param pathOf where a record stands in the options
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS` that names each place
 */
export function checkRecords(
  records: readonly ResolvedAnsweringRecord[],
  providers: Readonly<Record<string, DnsProvider>>,
  { who, pathOf }: { readonly who: string; readonly pathOf: (index: number) => readonly PropertyKey[] },
): readonly ResolvedAnsweringRecord[] {
  const issues: OptionsIssue[] = []
  const seen = new Set<string>()
  const checked = records.map((record, index) => {
    const path = pathOf(index)
    const what = `${record.name} ${record.type}`
    if (seen.has(what)) issues.push({ path, message: `${what} is there twice` })
    seen.add(what)
    issues.push(...twins(record, path))
    const targets = record.targets.map((target, at) => {
      try {
        return { ...target, values: [...new Set(target.values.map((value) => canonicalValue(record.type, value)))].toSorted() }
      } catch (error) {
        issues.push({ path: [...path, 'targets', at, 'values'], message: errorText(error) })
        return target
      }
    })
    return { ...record, targets }
  })
  if (issues.length === 0) issues.push(...checked.flatMap((record, index) => inexpressible(record, providers, pathOf(index))))
  if (issues.length > 0) throw optionsError({ code: 'HOTSPARE_DNS_OPTIONS', who, issues })
  return checked
}

/** As many values as may be answered at the same time. */
function largestAnswer({ targets, policy: { most = Infinity } }: ResolvedAnsweringRecord): readonly string[] {
  const largest = targets.toSorted((one, other) => other.values.length - one.values.length)
  return [...new Set(largest.slice(0, most).flatMap(({ values }) => values))]
}

function twins({ targets }: ResolvedAnsweringRecord, path: readonly PropertyKey[]): readonly OptionsIssue[] {
  return targets.flatMap(({ id }, index) =>
    targets.findIndex((other) => other.id === id) === index
      ? []
      : [{ path: [...path, 'targets', index, 'id'], message: `${id} is there twice` }],
  )
}

function inexpressible(
  record: ResolvedAnsweringRecord,
  providers: Readonly<Record<string, DnsProvider>>,
  path: readonly PropertyKey[],
): readonly OptionsIssue[] {
  const { name, type, ttlSeconds } = record
  const values = largestAnswer(record)
  if ((type === 'CNAME' || type === 'ALIAS') && values.length > 1) {
    return [
      { path: [...path, 'policy'], message: `${name} ${type} can have one value, and ${values.length} may be answered: set most to 1` },
    ]
  }
  return Object.entries(providers).flatMap(([label, { zone, capabilities }]) => {
    const message = isWithin(name, zone)
      ? whyNotExpressible(capabilities, { name, type, ttlSeconds, values })
      : `${name} is not in its zone ${zone}`
    return message === undefined ? [] : [{ path: [...path, 'providers', label], message }]
  })
}
