import { createHash, createHmac } from 'node:crypto'
import type { StandInRequest } from './stand-in.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

export interface SignatureRules {
  readonly region: string
  readonly service: string
  /** By access key id. Undefined: it is not known */
  readonly secretOf: (accessKeyId: string) => string | undefined
  /** What has to be signed besides `host`, `x-amz-date` and all other `x-amz-` headers: `if-match`. */
  readonly alsoSigned?: RegExp | undefined
  /** The clock of the stand-in, in milliseconds since the epoch; requests 15 minutes away from it are refused. Default: any time */
  readonly nowMs?: number | undefined
}

/** By the names of AWS. */
export type SignatureProblem =
  | 'MissingAuthenticationToken'
  | 'InvalidAccessKeyId'
  | 'AuthorizationHeaderMalformed'
  | 'RequestTimeTooSkewed'
  | 'XAmzContentSHA256Mismatch'
  | 'AccessDenied'
  | 'SignatureDoesNotMatch'

/**
 * Checks a request as AWS does (IAM User Guide: Create a signed AWS API request), from what came over the wire alone, without the
 * library that signs.
 *
 * @returns what is wrong with it; undefined when it is signed well
 */
export function signatureProblem(request: StandInRequest, rules: SignatureRules): SignatureProblem | undefined {
  const { headers, method, path, query, body } = request
  const shape =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/
  const [, keyId = '', day = '', region = '', service = '', names = '', signature] = shape.exec(headers.authorization ?? '') ?? []
  if (signature === undefined) return 'MissingAuthenticationToken'
  const secret = rules.secretOf(keyId)
  if (secret === undefined) return 'InvalidAccessKeyId'
  if (region !== rules.region || service !== rules.service) return 'AuthorizationHeaderMalformed'
  const date = String(headers['x-amz-date'])
  const sentMs = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  const isLate = rules.nowMs !== undefined && !(Math.abs(sentMs - rules.nowMs) < 900_000)
  if (isLate || !date.startsWith(day)) return 'RequestTimeTooSkewed'
  const bodyHash = headers['x-amz-content-sha256']
  // S3 alone insists on it.
  if ((service === 's3' || bodyHash !== undefined) && bodyHash !== sha256(body)) return 'XAmzContentSHA256Mismatch'
  const signed = names.split(';')
  const mustBe = Object.keys(headers).filter((name) => name.startsWith('x-amz-') || rules.alsoSigned?.test(name))
  if (!['host', 'x-amz-date', ...mustBe].every((name) => signed.includes(name))) return 'AccessDenied'
  const parameters = [...query].map(([key, value]) => `${escaped(key)}=${escaped(value)}`).toSorted()
  // Every service but S3 takes the path as it was sent and escapes it once more.
  const canonicalPath = rules.service === 's3' ? path : path.split('/').map(escaped).join('/')
  const lines = signed.map((name) => `${name}:${String(headers[name]).trim().replaceAll(/ +/g, ' ')}\n`)
  const canonical = [method, canonicalPath, parameters.join('&'), lines.join(''), names, sha256(body)].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', date, `${day}/${region}/${service}/aws4_request`, sha256(canonical)].join('\n')
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), service), 'aws4_request')
  return hmac(key, toSign).toString('hex') === signature ? undefined : 'SignatureDoesNotMatch'
}

/** RFC 3986, 2.3: all but the unreserved characters. */
function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}
