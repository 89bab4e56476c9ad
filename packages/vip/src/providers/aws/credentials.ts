import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import type { Clock } from '@hotspare/core'
import { SignatureV4 } from '@smithy/signature-v4'
import { type CloudCredentials, type CloudWays, fetchText } from '../cloud-http.ts'
import { Granted } from '../credentials.ts'
import { ProviderError } from '../errors.ts'
import { parseJson } from '../json-text.ts'
import { textAt } from '../reading.ts'

/** Long-lived keys of a user, or those of a role for a while. */
export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

export interface AwsCredentialsOptions {
  readonly who: string
  readonly region: string
  /** Undefined: those of the instance's role, from its metadata service. */
  readonly keys: AwsKeys | undefined
  readonly metadataEndpoint: string
  readonly ways: CloudWays
  readonly clock: Clock
}

/** Of the session with the metadata service; the longest that it grants. (EC2 User Guide: Use IMDSv2.) */
const SESSION_SECONDS = 21_600

/** Signs requests (Signature Version 4) with given keys, or with those that the metadata service grants. */
export function awsCredentials(options: AwsCredentialsOptions): CloudCredentials {
  const { region, keys, clock, who } = options
  const granted = new Granted((signal) => instanceKeys(options, signal), clock)
  const forget = (headers: Readonly<Record<string, string>>) => {
    granted.forget(({ sessionToken }) => sessionToken === headers['x-amz-security-token'])
    return true
  }
  return {
    async headers({ method, url, headers = {}, body }, signal) {
      const { accessKeyId, secretAccessKey, sessionToken } = keys ?? (await granted.get(signal))
      const credentials = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) }
      const signer = new SignatureV4({ service: 'ec2', region, credentials, sha256: Sha256 })
      const { protocol, hostname, pathname: path, searchParams, host } = url
      const query = Object.fromEntries(searchParams)
      const unsigned = { method, protocol, hostname, path, query, headers: { ...headers, host }, body }
      const signed = await signer.sign(unsigned, { signingDate: new Date(clock.wallMs()) })
      return signed.headers
    },
    ...(keys ? {} : { forget }),
    secrets: () => [keys?.secretAccessKey, keys?.sessionToken, granted.known?.secretAccessKey, granted.known?.sessionToken],
  }

  async function instanceKeys({ metadataEndpoint, ways }: AwsCredentialsOptions, signal: AbortSignal) {
    const ask = async (path: string, method: 'GET' | 'PUT', headers: Record<string, string>) => {
      const url = new URL(`${metadataEndpoint}/latest/${path}`)
      const answer = await fetchText({ url, request: { method, headers }, signal, dispatcher: ways.beside }).catch((cause: unknown) => {
        if (signal.aborted) throw cause
        throw new ProviderError({ who, fault: 'unavailable', why: 'the metadata service of the instance does not answer', cause })
      })
      if (answer.status === 200) return answer.text
      // No role is attached, or IMDS is switched off.
      const fault = answer.status >= 500 ? 'unavailable' : 'credentials'
      throw new ProviderError({ who, fault, why: `the metadata service of the instance gives no credentials: ${answer.status}` })
    }
    const session = await ask('api/token', 'PUT', { 'x-aws-ec2-metadata-token-ttl-seconds': String(SESSION_SECONDS) })
    const shown = { 'x-aws-ec2-metadata-token': session }
    const role = (await ask('meta-data/iam/security-credentials/', 'GET', shown)).split('\n')[0]?.trim() ?? ''
    const answer = parseJson(await ask(`meta-data/iam/security-credentials/${encodeURIComponent(role)}`, 'GET', shown))
    const [accessKeyId, secretAccessKey] = [textAt(answer, 'AccessKeyId'), textAt(answer, 'SecretAccessKey')]
    const endsMs = Date.parse(textAt(answer, 'Expiration') ?? '')
    if (accessKeyId === undefined || secretAccessKey === undefined || Number.isNaN(endsMs)) {
      throw new ProviderError({
        who,
        fault: 'unavailable',
        why: 'the metadata service of the instance gave something else than credentials',
      })
    }
    return { value: { accessKeyId, secretAccessKey, sessionToken: textAt(answer, 'Token') }, lastsMs: Math.max(0, endsMs - clock.wallMs()) }
  }
}

/** Node's own hash, in the form that the signer takes. */
class Sha256 {
  readonly #secret: string | Uint8Array | undefined
  #hash: Hash | Hmac

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret === undefined || typeof secret === 'string' ? secret : bytesOf(secret)
    this.#hash = this.#begin()
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === 'string' ? data : bytesOf(data))
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {
    this.#hash = this.#begin()
  }

  #begin(): Hash | Hmac {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret)
  }
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}
