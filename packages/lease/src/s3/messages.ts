import { type HttpAnswer, wordsOf } from '../http-exchange.ts'
import { refusedError } from '../errors.ts'

/** An object as it was read, or was written. */
export interface S3Object {
  readonly text: string
  readonly etag: string
}

/** The code of an error as the store names it: `<Code>NoSuchKey</Code>`. */
function errorCodeOf({ text }: HttpAnswer): string | undefined {
  return /<Error>[^]*?<Code>([A-Za-z0-9.]{1,100})<\/Code>/.exec(text)?.[1]
}

/** What became of a conditional write: written, refused by its condition, or undecided between writers and to be put again. */
export type Put = { readonly type: 'written'; readonly etag: string } | { readonly type: 'unfit' } | { readonly type: 'conflict' }

/** Nothing was written with these, and a repetition changes nothing: credentials, rights, a bucket that is not there. */
const FOR_PEOPLE: ReadonlyMap<string, string> = new Map([
  ['AccessDenied', 'it needs s3:GetObject and s3:PutObject on the prefix, and s3:ListBucket, without which a missing key is denied'],
  ['InvalidAccessKeyId', 'the access key is not known'],
  ['SignatureDoesNotMatch', 'the secret key or the region is another'],
  ['AuthorizationHeaderMalformed', 'the region is another'],
  ['PermanentRedirect', 'the region or the endpoint is another'],
  ['NoSuchBucket', 'create it first'],
  ['InvalidBucketName', 'such a bucket cannot be'],
  ['RequestTimeTooSkewed', 'set the clock of this machine'],
  ['NotImplemented', 'it does not know conditional writes'],
  ['MethodNotAllowed', 'it does not take writes here'],
])

/** These mean that the key has had its time: new ones are got, and the question is put again. */
const KEY_IS_OVER: ReadonlySet<string> = new Set(['ExpiredToken', 'ExpiredTokenException', 'InvalidToken', 'TokenRefreshRequired'])

export function isKeyOver(answer: HttpAnswer): boolean {
  return (answer.status === 400 || answer.status === 403 || answer.status === 401) && KEY_IS_OVER.has(errorCodeOf(answer) ?? '')
}

/**
 * @returns null where there is no such key
 * @throws HotspareError `HOTSPARE_LEASE_REFUSED`; Error when it is no answer of S3
 */
export function readObject(answer: HttpAnswer, who: string, secrets: readonly (string | undefined)[]): S3Object | null {
  if (answer.status === 404 && errorCodeOf(answer) === 'NoSuchKey') return null
  if (answer.status !== 200) throw complaint(answer, who, secrets)
  return { text: answer.text, etag: etagOf(answer) }
}

/**
 * What came of a write with `If-Match` or `If-None-Match: *`.
 *
 * @throws as {@link readObject}
 */
export function readPut(answer: HttpAnswer, who: string, secrets: readonly (string | undefined)[]): Put {
  const { status } = answer
  const code = errorCodeOf(answer)
  if (status === 200) return { type: 'written', etag: etagOf(answer) }
  // Ceph, MinIO and R2 answer 412 for a key that is not there, Amazon 404.
  if (status === 412 || (status === 404 && code === 'NoSuchKey')) return { type: 'unfit' }
  // Writers at the same time: "on a 409 failure you should fetch the object's ETag and retry the upload" (PutObject).
  if (status === 409 && (code === 'ConditionalRequestConflict' || code === 'OperationAborted')) return { type: 'conflict' }
  throw complaint(answer, who, secrets)
}

/** A strong one: a weak one names no bytes. */
function etagOf({ headers }: HttpAnswer): string {
  const { etag } = headers
  if (etag === undefined || !/^"?[\x21\x23-\x7e]{1,256}"?$/.test(etag)) throw new Error('the answer is not one of S3: it has no ETag')
  return etag
}

function complaint(answer: HttpAnswer, who: string, secrets: readonly (string | undefined)[]): Error {
  const { status, text } = answer
  const code = errorCodeOf(answer)
  const said = /<Message>([^<]{1,500})<\/Message>/.exec(text)?.[1]
  const shown = wordsOf(`status ${status}${code === undefined ? '' : `, ${code}`}: ${said ?? text}`, secrets)
  const hint = FOR_PEOPLE.get(code ?? '')
  if (hint !== undefined) return refusedError(who, `${shown}; ${hint}`)
  if (status === 401 || status === 403) return refusedError(who, shown)
  return new Error(shown)
}
