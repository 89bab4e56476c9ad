import { at, type CloudAnswer, type CloudFault, listAt, textAt } from '@hotspare/cloud'
import { XMLParser } from 'fast-xml-parser'
import type { RecordSetName } from '../../record-set.ts'
import type { Listed } from '../listed-set.ts'
import { fromRoute53Name } from './txt.ts'

export interface HostedZone {
  readonly id: string
  readonly isPrivate: boolean
}

const LISTS = new Set(['HostedZone', 'ResourceRecordSet', 'ResourceRecord', 'Message'])
const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, htmlEntities: true, isArray: (name) => LISTS.has(name) })

/** @returns undefined for what is no XML */
function readXml(text: string): unknown {
  try {
    return parser.parse(text)
  } catch {
    return undefined
  }
}

/**
 * The answer to a question for sets from a position on: the first of them is the one of that name and type, or one that comes after
 * where it would be.
 */
export function readListed(text: string, { name, type }: RecordSetName): Listed {
  const answer = at(readXml(text), 'ListResourceRecordSetsResponse')
  if (textAt(answer, 'IsTruncated') === undefined) return { kind: 'unreadable' }
  const first = listAt(answer, 'ResourceRecordSets', 'ResourceRecordSet')[0]
  const [listedName, listedType] = [textAt(first, 'Name'), textAt(first, 'Type')]
  if (first === undefined) return { kind: 'absent' }
  if (listedName === undefined || listedType === undefined) return { kind: 'unreadable' }
  if (fromRoute53Name(listedName) !== name || listedType !== type) return { kind: 'absent' }
  const isSteered = ['AliasTarget', 'SetIdentifier', 'HealthCheckId', 'TrafficPolicyInstanceId'].some((key) => at(first, key) !== undefined)
  if (isSteered) return { kind: 'steered' }
  const values = listAt(first, 'ResourceRecords', 'ResourceRecord').map((record) => textAt(record, 'Value'))
  const ttl = textAt(first, 'TTL') ?? ''
  if (!/^\d{1,10}$/.test(ttl) || values.length === 0 || !isWhole(values)) return { kind: 'unreadable' }
  return { kind: 'set', set: { ttlSeconds: Number(ttl), values } }
}

/** The hosted zones of that very name; undefined where the answer is none. */
export function readHostedZones(text: string, zone: string): readonly HostedZone[] | undefined {
  const answer = at(readXml(text), 'ListHostedZonesByNameResponse')
  if (textAt(answer, 'IsTruncated') === undefined) return undefined
  return listAt(answer, 'HostedZones', 'HostedZone').flatMap((each) => {
    const id = textAt(each, 'Id')?.replace(/^\/hostedzone\//, '')
    if (id === undefined || fromRoute53Name(textAt(each, 'Name') ?? '') !== zone) return []
    return [{ id, isPrivate: textAt(each, 'Config', 'PrivateZone') === 'true' }]
  })
}

/** The id and the status of a change, of the answer to it or to a question for it; undefined where the answer is none. */
export function readChange(text: string): { readonly id: string; readonly isInSync: boolean } | undefined {
  const answer = readXml(text)
  const info = at(answer, 'ChangeResourceRecordSetsResponse', 'ChangeInfo') ?? at(answer, 'GetChangeResponse', 'ChangeInfo')
  const [id, status] = [textAt(info, 'Id')?.replace(/^\/change\//, ''), textAt(info, 'Status')]
  return id === undefined || status === undefined ? undefined : { id, isInSync: status === 'INSYNC' }
}

export interface Complaint {
  readonly code: string | undefined
  readonly message: string | undefined
  readonly fault: CloudFault | undefined
}

/** By the error codes of Route 53 and of what all of AWS have in common; what is not here is judged by its status. */
const FAULTS: Readonly<Record<string, CloudFault>> = {
  Throttling: 'limited',
  ThrottlingException: 'limited',
  RequestLimitExceeded: 'limited',
  TooManyRequestsException: 'limited',
  PriorRequestNotComplete: 'busy',
  ConcurrentModification: 'busy',
  AuthFailure: 'credentials',
  ExpiredToken: 'credentials',
  ExpiredTokenException: 'credentials',
  IncompleteSignature: 'credentials',
  InvalidClientTokenId: 'credentials',
  MissingAuthenticationToken: 'credentials',
  RequestExpired: 'credentials',
  SignatureDoesNotMatch: 'credentials',
  UnrecognizedClientException: 'credentials',
  ServiceUnavailable: 'unavailable',
  InternalFailure: 'unavailable',
}

/** What a refusal says, in either of its two forms. */
export function readComplaint({ text }: Pick<CloudAnswer, 'text'>): Complaint {
  const answer = readXml(text)
  const batch = listAt(answer, 'InvalidChangeBatch', 'Messages', 'Message')
  if (at(answer, 'InvalidChangeBatch') !== undefined) {
    const messages = batch.filter((message) => typeof message === 'string')
    return { code: 'InvalidChangeBatch', message: messages.join(' '), fault: undefined }
  }
  const error = at(answer, 'ErrorResponse', 'Error')
  const code = textAt(error, 'Code')
  const message = listAt(error, 'Message')[0] ?? at(error, 'Message')
  return { code, message: typeof message === 'string' ? message : undefined, fault: FAULTS[code ?? ''] }
}

/** Whether nothing was changed since something else is there than what the change named. */
export function isMismatch({ code, message = '' }: Complaint): boolean {
  return code === 'InvalidChangeBatch' && /but it was not found|do(?:es)? not match the current values|but it already exists/.test(message)
}

function isWhole(values: readonly (string | undefined)[]): values is readonly string[] {
  return values.every((value) => value !== undefined)
}
