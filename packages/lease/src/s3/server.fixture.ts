import { createHash } from 'node:crypto'
import { signatureProblem } from '@hotspare/cloud/testing'
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
    const refusal = signatureRefusal(request, accounts)
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

/** By the specification of AWS Signature Version 4, worked out anew. */
function signatureRefusal(request: StandInRequest, accounts: ReadonlyMap<string, Account>): string | undefined {
  const { pathname: path, searchParams: query } = new URL(request.target, 'http://stand-in')
  let account: Account | undefined
  const problem = signatureProblem(
    { ...request, path, query },
    {
      region: REGION,
      service: 's3',
      secretOf: (keyId) => (account = accounts.get(keyId))?.secretAccessKey,
      alsoSigned: /^if-/,
      nowMs: Date.now(),
    },
  )
  if (problem !== undefined) return problem
  const session = account?.sessionToken
  return session !== undefined && request.headers['x-amz-security-token'] !== session ? 'ExpiredToken' : undefined
}
