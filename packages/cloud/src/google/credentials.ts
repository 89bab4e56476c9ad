import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import type { CloudCredentials, CloudWays } from '../cloud-http.ts'
import { grantedBearer, readGrantedToken } from '../credentials.ts'
import { CloudError } from '../errors.ts'
import { fetchText } from '../fetch-text.ts'
import { parseJson } from '../json-text.ts'
import { textAt } from '../reading.ts'
import { urlPart } from '../schema-parts.ts'

/** What of a service account's key file is used. */
export interface GoogleKey {
  readonly email: string
  readonly privateKey: string
  readonly keyId: string | undefined
  readonly tokenUri: string
}

export interface GoogleCredentialsOptions {
  readonly who: string
  /** What the tokens are for: `https://www.googleapis.com/auth/compute`. */
  readonly scope: string
  /** Undefined: the account of the instance, from its metadata server. */
  readonly key: GoogleKey | undefined
  readonly metadataEndpoint: string
  readonly ways: CloudWays
  readonly clock: Clock
}

/** Of the assertion; the longest that Google takes. (OAuth 2.0 for server to server applications.) */
const ASSERTION_SECONDS = 3_600

/** The JSON text of a key file, as Google gives it out. */
export const googleKeySchema: z.ZodType<GoogleKey, string> = z.string().transform((text, context) => {
  const file = parseJson(text)
  const [email, privateKey] = [textAt(file, 'client_email'), textAt(file, 'private_key')]
  const tokenUri = textAt(file, 'token_uri') ?? 'https://oauth2.googleapis.com/token'
  if (email !== undefined && privateKey !== undefined && URL.canParse(tokenUri)) {
    return { email, privateKey, keyId: textAt(file, 'private_key_id'), tokenUri }
  }
  context.addIssue({ code: 'custom', message: 'expected the text of a key file of a service account, with client_email and private_key' })
  return z.NEVER
})

/** The keys of options that say who asks. */
export const googleKeyParts: {
  readonly key: z.ZodType<GoogleKey | undefined, string | undefined>
  readonly metadataEndpoint: z.ZodDefault<z.ZodType<string, string>>
} = {
  key: googleKeySchema.optional().transform((value): GoogleKey | undefined => value),
  metadataEndpoint: urlPart.default('http://metadata.google.internal'),
}

/** Access tokens of a service account: by its key (RFC 7523), or from the metadata server. */
export function googleCredentials({ who, scope, key, metadataEndpoint, ways, clock }: GoogleCredentialsOptions): CloudCredentials {
  const ask = key ? (signal: AbortSignal) => byKey(key, signal) : fromMetadata
  return grantedBearer(async (signal) => readGrantedToken(who, await ask(signal)), clock, [key?.privateKey])

  async function byKey(account: GoogleKey, signal: AbortSignal) {
    const assertion = await signedAssertion(account)
    const body = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return fetchText({ url: new URL(account.tokenUri), request: { method: 'POST', headers, body }, signal, dispatcher: ways.out })
  }

  function fromMetadata(signal: AbortSignal) {
    const url = new URL(`${metadataEndpoint}/computeMetadata/v1/instance/service-accounts/default/token`)
    return fetchText({ url, request: { method: 'GET', headers: { 'metadata-flavor': 'Google' } }, signal, dispatcher: ways.beside })
  }

  async function signedAssertion({ email, privateKey, keyId, tokenUri }: GoogleKey): Promise<string> {
    // For those alone who have a key.
    const { importPKCS8, SignJWT } = await import('jose')
    const imported = await importPKCS8(privateKey, 'RS256').catch(() => {
      // What the library says may show a part of the key.
      throw new CloudError({ who, fault: 'credentials', why: 'the private key of the service account is none in PKCS #8' })
    })
    const nowSeconds = Math.floor(clock.wallMs() / 1_000)
    return new SignJWT({ scope })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(keyId === undefined ? {} : { kid: keyId }) })
      .setIssuer(email)
      .setAudience(tokenUri)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + ASSERTION_SECONDS)
      .sign(imported)
  }
}
