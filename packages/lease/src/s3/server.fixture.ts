import { createHash, createHmac } from 'node:crypto'
import { type StandIn, standIn, type StandInAnswer, type StandInRequest } from '../stand-in.fixture.ts'

export interface Account {
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface FakeBucketOptions {
  /** What this store does with the conditions of a write; Amazon's way is all. */
  readonly heeds?: 'all' | 'no If-Match' | 'no If-None-Match' | 'no If-Match where nothing is' | 'nothing'
  /** An ETag that is no hash of the content, as with a key of KMS. */
  readonly opaque?: boolean
}

export interface FakeBucket extends StandIn {
  readonly objects: Map<string, { readonly body: string; readonly etag: string }>
  readonly accounts: Map<string, Account>
  /** The host by which it is asked: `bucket.localhost`, or the server itself. */
  readonly bucket: string
  edit(key: string, body: string): void
}

const REGION = 'eu-test-1'

/** A bucket as Amazon documents it: signatures (worked out here anew), conditions, errors as XML. */
export async function fakeBucket({ heeds = 'all', opaque = false }: FakeBucketOptions = {}): Promise<FakeBucket> {
  const objects: FakeBucket['objects'] = new Map()
  const accounts: FakeBucket['accounts'] = new Map([['AKIDEXAMPLE', { secretAccessKey: 'open-sesame-secret' }]])
  let writes = 0
  const write = (key: string, body: string) => {
    const etag = `"${opaque ? `kms-${++writes}` : createHash('md5').update(body).digest('hex')}"`
    objects.set(key, { body, etag })
    return etag
  }

  function serve(request: StandInRequest): StandInAnswer {
    const { method, target, headers, body } = request
    const refusal = signatureProblem(request, accounts)
    if (refusal) return xml(refusal === 'ExpiredToken' ? 400 : 403, refusal, `the signature of ${String(headers.authorization)}`)
    const path = target.split('?')[0] ?? ''
    // A proxy on the way would take these out.
    if (target.includes('?') || /\/\.{0,2}(?:\/|$)/.test(path)) return xml(400, 'InvalidURI', path)
    const isVirtual = headers.host?.startsWith('hotspare-test.')
    const [, bucket, key] = isVirtual ? [path, 'hotspare-test', path.slice(1)] : (/^\/([^/]+)\/(.+)$/.exec(path) ?? [])
    if (bucket !== 'hotspare-test' || key === undefined) return xml(404, 'NoSuchBucket', 'The specified bucket does not exist')
    const found = objects.get(key)
    if (method === 'GET')
      return found
        ? { status: 200, headers: { etag: found.etag }, body: found.body }
        : xml(404, 'NoSuchKey', 'The specified key does not exist.')
    if (method !== 'PUT') return xml(405, 'MethodNotAllowed', 'no')
    const [match, noneMatch] = [headers['if-match'], headers['if-none-match']]
    if ((match === undefined) === (noneMatch === undefined)) return xml(400, 'InvalidRequest', 'one condition')
    if (noneMatch !== undefined && noneMatch !== '*')
      return xml(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented')
    if (noneMatch !== undefined && found && heeds !== 'no If-None-Match' && heeds !== 'nothing')
      return xml(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold')
    if (match !== undefined && heeds !== 'no If-Match' && heeds !== 'nothing') {
      if (!found && heeds === 'all') return xml(404, 'NoSuchKey', 'The specified key does not exist.')
      if (found && found.etag !== match)
        return xml(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold')
    }
    return { status: 200, headers: { etag: write(key, body) } }
  }

  const server = await standIn(serve)
  return Object.assign(server, { objects, accounts, bucket: 'hotspare-test', edit: write })
}

function xml(status: number, code: string, message: string): StandInAnswer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>1</RequestId></Error>`
  return { status, headers: { 'content-type': 'application/xml' }, body }
}

/** AWS Signature Version 4 by its specification, with node's own hashes. */
function signatureProblem({ method, target, headers, body }: StandInRequest, accounts: ReadonlyMap<string, Account>): string | undefined {
  const given =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/
  const [, keyId = '', day = '', region = '', names = '', signature] = given.exec(headers.authorization ?? '') ?? []
  const account = accounts.get(keyId)
  if (!account) return 'InvalidAccessKeyId'
  if (region !== REGION) return 'AuthorizationHeaderMalformed'
  if (account.sessionToken !== undefined && headers['x-amz-security-token'] !== account.sessionToken) return 'ExpiredToken'
  const date = String(headers['x-amz-date'])
  const parsed = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!(Math.abs(parsed - Date.now()) < 900_000) || !date.startsWith(day)) return 'RequestTimeTooSkewed'
  const bodyHash = createHash('sha256').update(body).digest('hex')
  if (headers['x-amz-content-sha256'] !== bodyHash) return 'XAmzContentSHA256Mismatch'
  const signed = names.split(';')
  const mustBe = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-') || name.startsWith('if-'))]
  if (!mustBe.every((name) => signed.includes(name))) return 'AccessDenied'
  const canonicalHeaders = signed.map((name) => `${name}:${String(headers[name]).trim()}\n`).join('')
  const canonical = [method, target, '', canonicalHeaders, names, bodyHash].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', date, scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const key = hmac(hmac(hmac(hmac(`AWS4${account.secretAccessKey}`, day), region), 's3'), 'aws4_request')
  return hmac(key, toSign).toString('hex') === signature ? undefined : 'SignatureDoesNotMatch'
}
