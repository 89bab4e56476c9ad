import type { RecordSet, RecordSetName } from '../../record-set.ts'
import { type KeptRecord, recordChanges } from '../records-by-id.ts'
import { zoneText } from '../zone-text.ts'

/** The body of a batch, which is one transaction: deletes, then patches, then posts. */
export interface CloudflareBatch {
  readonly deletes?: readonly { readonly id: string }[]
  readonly patches?: readonly object[]
  readonly posts?: readonly object[]
}

/** One set to be made out of the records that there are. */
export interface BatchPart {
  readonly question: RecordSetName
  readonly kept: readonly KeptRecord[]
  readonly next: RecordSet | undefined
}

/** @returns undefined where nothing is to be done */
export function batchOf(parts: readonly BatchPart[]): CloudflareBatch | undefined {
  const deletes: { readonly id: string }[] = []
  const patches: object[] = []
  const posts: object[] = []
  for (const { question, kept, next } of parts) {
    const changes = recordChanges(kept, next)
    deletes.push(...changes.deletes.map((id) => ({ id })))
    patches.push(...changes.updates.map(({ id, value, ttlSeconds }) => ({ id, ...recordOf(question, value, ttlSeconds) })))
    // Only a record that is new is told not to be proxied: one that is there keeps all that is not named.
    posts.push(...changes.creates.map(({ value, ttlSeconds }) => ({ ...recordOf(question, value, ttlSeconds), proxied: false })))
  }
  if (deletes.length + patches.length + posts.length === 0) return undefined
  return {
    ...(deletes.length > 0 ? { deletes } : {}),
    ...(patches.length > 0 ? { patches } : {}),
    ...(posts.length > 0 ? { posts } : {}),
  }
}

function recordOf({ name, type }: RecordSetName, value: string, ttl: number): object {
  return { name, type, ttl, ...contentOf(type, value) }
}

function contentOf(type: RecordSetName['type'], value: string): object {
  const [priority, second = '', third = '', fourth = ''] = value.split(' ')
  if (type === 'SRV') return { data: { priority: Number(priority), weight: Number(second), port: Number(third), target: fourth } }
  if (type === 'HTTPS') return { data: { priority: Number(priority), target: second, value: value.split(' ').slice(2).join(' ') } }
  return { content: type === 'TXT' ? zoneText(type, value) : value }
}
