import { createHash, createHmac } from 'node:crypto'
import type { StandInRequest } from '../stand-in.fixture.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/**
 * Checks a request as AWS does (IAM User Guide: Create a signed AWS API request), from what came over the wire alone.
 *
 * @returns what is wrong with it; undefined when it is signed well
 */
export function signatureProblem(
  request: StandInRequest,
  secretAccessKey: string,
  scope: { readonly region: string; readonly service: string },
): string | undefined {
  const { headers, method, path, query, body } = request
  const shape =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/
  const [, day = '', region = '', service = '', names = '', signature] = shape.exec(headers.authorization ?? '') ?? []
  if (signature === undefined) return 'it is not signed'
  if (region !== scope.region || service !== scope.service) return `it is signed for ${service} in ${region}`
  const date = String(headers['x-amz-date'])
  if (!date.startsWith(day)) return 'its date and its scope differ'
  const signed = names.split(';')
  for (const name of ['host', 'x-amz-date']) if (!signed.includes(name)) return `${name} is not signed`
  if (headers['x-amz-security-token'] !== undefined && !signed.includes('x-amz-security-token')) return 'the session token is not signed'
  const parameters = [...query].map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).toSorted()
  const lines = signed.map((name) => `${name}:${String(headers[name]).trim().replaceAll(/ +/g, ' ')}\n`)
  const canonical = [method, path, parameters.join('&'), lines.join(''), names, sha256(body)].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', date, `${day}/${region}/${service}/aws4_request`, sha256(canonical)].join('\n')
  const key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), region), service), 'aws4_request')
  return hmac(key, toSign).toString('hex') === signature ? undefined : 'the signature does not match'
}
