import { z } from 'zod'
import { HotspareError } from '@hotspare/core'
import { refusedError } from '../errors.ts'
import { type HttpAnswer, jsonOf, wordsOf } from '../http-exchange.ts'
import { encodeRecord, parseRecord } from '../record.ts'
import type { LeaseRecord } from '../register.ts'

const API_VERSION = 'coordination.k8s.io/v1'
/** The record itself; what is in `spec` is rounded, and for people. */
const RECORD_ANNOTATION = 'hotspare.dev/record'
/** The lease by its own name. */
const LEASE_ANNOTATION = 'hotspare.dev/lease'

/** An object as it was read: all of it, so that what others put there is put back. */
export interface LeaseObject {
  readonly whole: Readonly<Record<string, unknown>>
  readonly annotations: Readonly<Record<string, string>>
  readonly spec: Readonly<Record<string, unknown>>
  /** What a replacement has to name, with the uid, so that an object that was made anew is another one. */
  readonly metadata: Readonly<Record<string, unknown>> & { readonly resourceVersion: string; readonly uid: string }
}

const metadataSchema = z.looseObject({
  name: z.string(),
  resourceVersion: z.string().min(1),
  uid: z.string().min(1),
  annotations: z.record(z.string(), z.string()).nullish(),
})
const leaseSchema = z.looseObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('Lease'),
  metadata: metadataSchema,
  spec: z.looseObject({}).nullish(),
})
const statusSchema = z.object({ kind: z.literal('Status'), reason: z.string().default(''), message: z.string().default('') })

/** @throws Error when it is no Lease of that name */
export function readLease(answer: HttpAnswer, name: string): LeaseObject {
  const parsed = leaseSchema.safeParse(jsonOf(answer.text))
  if (!parsed.success) throw new Error('the answer is no Lease of coordination.k8s.io/v1')
  const { metadata, spec } = parsed.data
  if (metadata.name !== name) throw new Error('the answer is about another object')
  return { whole: parsed.data, annotations: metadata.annotations ?? {}, spec: spec ?? {}, metadata }
}

/** @throws HotspareError `HOTSPARE_LEASE_RECORD` for a Lease of somebody else, whoever may hold it */
export function recordOf({ annotations }: LeaseObject, where: string): LeaseRecord {
  const text = annotations[RECORD_ANNOTATION]
  if (text !== undefined) return parseRecord(text, where)
  throw new HotspareError({
    code: 'HOTSPARE_LEASE_RECORD',
    message: `${where}: a Lease without the annotation ${RECORD_ANNOTATION}, so it is somebody else's; use another name or prefix`,
  })
}

/** The object for a first record. */
export function newLease(name: string, lease: string, record: LeaseRecord, wallMs: number): object {
  const annotations = { [LEASE_ANNOTATION]: lease, [RECORD_ANNOTATION]: encodeRecord(record) }
  const spec = specOf(record, { acquireTime: microTime(wallMs), leaseTransitions: 0 }, wallMs)
  return { apiVersion: API_VERSION, kind: 'Lease', metadata: { name, annotations }, spec }
}

/** The same object with another record: labels, owners and whatever else is there stay. */
export function replacedLease(found: LeaseObject, before: LeaseRecord, record: LeaseRecord, wallMs: number): object {
  const { whole, annotations, metadata, spec } = found
  const { holderIdentity: _, acquireTime, leaseTransitions, ...others } = spec
  const isGrant = before.token !== record.token
  // The token itself is a time of day in milliseconds, and this is an int32: grants are counted, as Kubernetes does.
  const grants = { leaseTransitions: (Number.isSafeInteger(leaseTransitions) ? Number(leaseTransitions) : 0) + (isGrant ? 1 : 0) }
  const acquired = { acquireTime: isGrant || typeof acquireTime !== 'string' ? microTime(wallMs) : acquireTime }
  return {
    ...whole,
    metadata: { ...metadata, annotations: { ...annotations, [RECORD_ANNOTATION]: encodeRecord(record) } },
    spec: { ...others, ...specOf(record, { ...acquired, ...grants }, wallMs) },
  }
}

/** For `kubectl get lease`, in whole seconds and by this machine's clock: nobody decides by it. */
function specOf(
  { holder, ttlMs }: LeaseRecord,
  history: { readonly acquireTime: string; readonly leaseTransitions: number },
  wallMs: number,
) {
  // Nobody is left out, as Kubernetes' own client does: an empty name is refused.
  const held = holder === null ? {} : { holderIdentity: holder }
  return { ...held, leaseDurationSeconds: Math.max(1, Math.ceil(ttlMs / 1_000)), renewTime: microTime(wallMs), ...history }
}

/** Six digits behind the point. */
function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/Z$/, '000Z')
}

/** Whether the answer is Kubernetes' own word of that reason: a 404 of some other server says nothing about an object. */
export function saysReason({ text }: HttpAnswer, reason: string): boolean {
  const parsed = statusSchema.safeParse(jsonOf(text))
  return parsed.success && parsed.data.reason === reason
}

/** What to throw for an answer that is none of the expected ones. */
export function complaint(answer: HttpAnswer, secret: string): Error {
  const { status, text } = answer
  const parsed = statusSchema.safeParse(jsonOf(text))
  const said = `status ${status}: ${wordsOf(parsed.success ? `${parsed.data.reason}: ${parsed.data.message}` : text, [secret])}`
  if (status === 401) return refusedError('kubernetes', `${said}; its token is not accepted`)
  if (status === 403) return refusedError('kubernetes', `${said}; it needs get, create and update on leases in the namespace`)
  // The namespace or the whole API is not there, or the object is refused as it is: repeating it mends nothing.
  if (parsed.success && (status === 404 || status === 422)) return refusedError('kubernetes', said)
  return new Error(said)
}
