import type { RecordSet, RecordSetName } from '../../record-set.ts'
import type { ListedSet } from '../listed-set.ts'
import { route53Text } from './txt.ts'

/** One set of a batch: what is there by the last look, word for word, and what has to be there. */
export interface BatchPart {
  readonly question: RecordSetName
  readonly there: ListedSet | undefined
  readonly next: RecordSet | undefined
}

/** A set as it has to be named where it was not listed. */
export function asListed({ type, ttlSeconds, values }: RecordSet): ListedSet {
  return { ttlSeconds, values: values.map((value) => route53Text(type, value)) }
}

/**
 * The body of a change: removing is done by naming the old set with its TTL and all of its values, in one batch with the new one. Where
 * another is there, all of it is refused.
 *
 * Source: Amazon Route 53 API Reference, ChangeResourceRecordSets
 */
export function changeBatch(parts: readonly BatchPart[]): string {
  const changes = parts.flatMap(({ question, there, next }) => [
    ...(there ? [change('DELETE', question, there)] : []),
    ...(next ? [change('CREATE', question, asListed(next))] : []),
  ])
  const batch = `<ChangeBatch><Changes>${changes.join('')}</Changes></ChangeBatch>`
  const namespace = 'https://route53.amazonaws.com/doc/2013-04-01/'
  return `<?xml version="1.0" encoding="UTF-8"?><ChangeResourceRecordSetsRequest xmlns="${namespace}">${batch}</ChangeResourceRecordSetsRequest>`
}

function change(action: 'CREATE' | 'DELETE', { name, type }: RecordSetName, { ttlSeconds, values }: ListedSet): string {
  const records = values.map((value) => `<ResourceRecord><Value>${escaped(value)}</Value></ResourceRecord>`).join('')
  const set = `<Name>${escaped(name)}.</Name><Type>${type}</Type><TTL>${ttlSeconds}</TTL><ResourceRecords>${records}</ResourceRecords>`
  return `<Change><Action>${action}</Action><ResourceRecordSet>${set}</ResourceRecordSet></Change>`
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
