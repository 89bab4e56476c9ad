import { z } from 'zod'
import { refusedError } from '../errors.ts'
import { type HttpAnswer, jsonOf, wordsOf } from '../http-exchange.ts'

/** A key as it was read. */
export interface ConsulEntry {
  readonly text: string
  /** The raft index of its last write: what a check-and-set compares. */
  readonly modifyIndex: number
}

/** Linearizable: the leader asks a majority before it answers. */
export function readPath(key: string, datacenter: string): string {
  return `/v1/kv/${key}?dc=${datacenter}&consistent`
}

/** @param modifyIndex 0 where there must be no key yet */
export function swapPath(key: string, datacenter: string, modifyIndex: number): string {
  return `/v1/kv/${key}?dc=${datacenter}&cas=${modifyIndex}`
}

const entriesSchema = z.tuple([z.object({ Key: z.string(), Value: z.base64().nullable(), ModifyIndex: z.int().positive() })])

/**
 * @returns null where there is no such key
 * @throws HotspareError `HOTSPARE_LEASE_REFUSED`; Error when it is no answer of Consul
 */
export function readEntry(answer: HttpAnswer, key: string, secret: string | undefined): ConsulEntry | null {
  const isConsul = typeof answer.headers['x-consul-index'] === 'string'
  // Some other server has no such path either: only Consul's own "nothing there" counts.
  if (answer.status === 404 && isConsul && answer.text === '') return null
  if (answer.status !== 200) throw complaint(answer, secret)
  const parsed = entriesSchema.safeParse(jsonOf(answer.text))
  if (!parsed.success || !isConsul) throw new Error('the answer is not one of Consul')
  const [{ Key, Value, ModifyIndex }] = parsed.data
  if (Key !== key) throw new Error('the answer is about another key')
  return { text: Buffer.from(Value ?? '', 'base64').toString('utf8'), modifyIndex: ModifyIndex }
}

/**
 * @returns whether it was written
 * @throws as {@link readEntry}
 */
export function readSwap(answer: HttpAnswer, secret: string | undefined): boolean {
  if (answer.status !== 200) throw complaint(answer, secret)
  const said = jsonOf(answer.text)
  if (typeof said !== 'boolean') throw new Error('the answer is not one of Consul')
  return said
}

function complaint(answer: HttpAnswer, secret: string | undefined): Error {
  const { status, text } = answer
  const said = `status ${status}${text === '' ? '' : `: ${wordsOf(text, [secret])}`}`
  // 401 is what Consul before 1.0 and proxies say.
  if (status === 401 || status === 403) return refusedError('consul', `${said}; its token needs write on the prefix`)
  // A server whose keys are larger than a check allows: nothing that a repetition mends.
  return status === 413 ? refusedError('consul', said) : new Error(said)
}
