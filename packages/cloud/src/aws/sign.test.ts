import { describe, expect, it } from 'vitest'
import { signatureProblem } from '../testing/index.ts'
import { awsSignedHeaders } from './sign.ts'

const keys = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
const at = new Date('2013-05-24T00:00:00Z')
const host = 'https://examplebucket.s3.amazonaws.com'

describe('awsSignedHeaders', () => {
  // The examples of the Amazon S3 API reference: Signature Calculations for the Authorization Header.
  it.each([
    ['/test.txt', { range: 'bytes=0-9' }, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'],
    ['/?lifecycle', {}, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['/?max-keys=2&prefix=J', {}, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ])('signs GET %s as published', async (path, headers, signature) => {
    const request = { method: 'GET', url: `${host}${path}`, headers }
    const signed = await awsSignedHeaders(request, { keys, region: 'us-east-1', service: 's3', at })
    expect(signed['authorization']).toContain(`Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request`)
    expect(signed['authorization']).toContain(`Signature=${signature}`)
  })

  it('signs the session token, and whatever stands in query and path, as the other side works it out', async () => {
    const session = { ...keys, sessionToken: 'session-of-a-role' }
    const url = new URL("https://route53.amazonaws.com/2013-04-01/a%20(name)/rrset?name=*.example.com.&type=A&note=a'(b)%20c")
    const body = '<x>ü</x>'
    const scope = { region: 'us-east-1', service: 'route53' }
    const headers = await awsSignedHeaders({ method: 'POST', url, body }, { keys: session, ...scope, at })
    const request = { method: 'POST', path: url.pathname, query: url.searchParams, target: url.pathname + url.search, headers, body }
    const rules = { ...scope, secretOf: () => keys.secretAccessKey }
    expect(signatureProblem(request, rules)).toBe(undefined)
    const forged = { ...headers, 'x-amz-security-token': 'another' }
    expect(signatureProblem({ ...request, headers: forged }, rules)).toBe('SignatureDoesNotMatch')
    expect(signatureProblem({ ...request, body: '' }, rules)).toBe('XAmzContentSHA256Mismatch')
    expect(signatureProblem({ ...request, method: 'GET' }, rules)).toBe('SignatureDoesNotMatch')
    expect(signatureProblem(request, { ...rules, nowMs: at.getTime() + 900_001 })).toBe('RequestTimeTooSkewed')
    expect(signatureProblem(request, { ...rules, region: 'eu-central-1' })).toBe('AuthorizationHeaderMalformed')
  })
})
