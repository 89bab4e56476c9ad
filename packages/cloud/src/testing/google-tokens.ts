import { generateKeyPairSync, verify } from 'node:crypto'
import { parseJson } from '../json-text.ts'
import { textAt } from '../reading.ts'
import type { StandInAnswer, StandInRequest } from './stand-in.ts'

const EMAIL = 'hotspare@my-project'

let account: { readonly publicKey: string; readonly privateKey: string } | undefined

/** A key of a service account, made once: that takes a while. */
export function googleTestAccount(): { readonly publicKey: string; readonly privateKey: string } {
  account ??= generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return account
}

/** A key file as Google gives it out, for a stand-in at `url`. */
export function googleKeyFile(url: string): string {
  const file = {
    type: 'service_account',
    client_email: EMAIL,
    private_key_id: 'k1',
    private_key: googleTestAccount().privateKey,
    token_uri: `${url}/token`,
  }
  return JSON.stringify(file)
}

/** Google's token endpoint, and the metadata server of an instance. */
export class GoogleTokens {
  readonly granted: string[] = []
  readonly #valid = new Set<string>()
  readonly #scope: string
  readonly #origin: () => string
  #believed = true

  /** @param scope what tokens are asked for @param origin of the stand-in */
  constructor(scope: string, origin: () => string) {
    this.#scope = scope
    this.#origin = origin
  }

  /** Whether the request shows a token that was granted, and is still good. */
  areShown({ headers }: StandInRequest): boolean {
    return this.#valid.has(headers.authorization?.replace(/^Bearer /, '') ?? '')
  }

  expire(): void {
    this.#valid.clear()
  }

  refuse(): void {
    this.#believed = false
    this.#valid.clear()
  }

  /** @returns undefined for what is no request of these services */
  answer({ method, path, headers, body }: StandInRequest): StandInAnswer | undefined {
    const metadata = path === '/computeMetadata/v1/instance/service-accounts/default/token'
    if (!metadata && path !== '/token') return undefined
    const good = metadata ? method === 'GET' && headers['metadata-flavor'] === 'Google' : method === 'POST' && this.#isSigned(body)
    if (!good || !this.#believed) return { status: 401, body: { error: 'invalid_grant', error_description: body } }
    const token = `ya29-secret-${this.granted.length + 1}`
    this.#valid.add(token)
    this.granted.push(token)
    return { status: 200, body: { access_token: token, expires_in: 3_599, token_type: 'Bearer' } }
  }

  /** RFC 7523, checked without the library that made it. */
  #isSigned(body: string): boolean {
    const form = new URLSearchParams(body)
    const [head = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.')
    const said = readPart(claims)
    return (
      form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer' &&
      textAt(readPart(head), 'alg') === 'RS256' &&
      textAt(said, 'iss') === EMAIL &&
      textAt(said, 'aud') === `${this.#origin()}/token` &&
      textAt(said, 'scope') === this.#scope &&
      Number(textAt(said, 'exp')) - Number(textAt(said, 'iat')) === 3_600 &&
      verify('RSA-SHA256', Buffer.from(`${head}.${claims}`), googleTestAccount().publicKey, Buffer.from(signature, 'base64url'))
    )
  }
}

function readPart(part: string): unknown {
  return parseJson(Buffer.from(part, 'base64url').toString('utf8'))
}
