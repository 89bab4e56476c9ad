import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'

/** Long-lived keys of a user, or those of a role for a while. */
export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/** What is signed of a request. */
export interface SignedRequest {
  readonly method: string
  readonly url: string | URL
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
}

export interface SigningScope {
  readonly keys: AwsKeys
  readonly region: string
  /** `ec2`, `route53`, `s3` */
  readonly service: string
  /** The time that the other side compares with its own, 15 minutes at most apart. */
  readonly at: Date
}

/**
 * The headers of a request with AWS Signature Version 4, those that it had and the body's hash among them.
 *
 * Source: IAM User Guide, Create a signed AWS API request
 */
export async function awsSignedHeaders(
  { method, url, headers = {}, body }: SignedRequest,
  { keys, region, service, at }: SigningScope,
): Promise<Record<string, string>> {
  // 36 ms and 16 MB, for those alone who have something at AWS.
  const { SignatureV4 } = await import('@smithy/signature-v4')
  const { accessKeyId, secretAccessKey, sessionToken } = keys
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) }
  // S3 is the one service whose path is not escaped twice.
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256, uriEscapePath: service !== 's3', applyChecksum: true })
  const { protocol, host, hostname, pathname: path, searchParams } = new URL(url)
  const query = Object.fromEntries(searchParams)
  const request = { method, protocol, hostname, path, query, headers: { ...headers, host }, body }
  return (await signer.sign(request, { signingDate: at })).headers
}

type Data = string | ArrayBuffer | ArrayBufferView

/** Node's own SHA-256, or its HMAC, in the form that the signer takes. */
class Sha256 {
  readonly #secret: Buffer | undefined
  #hash: Hash | Hmac

  constructor(secret?: Data) {
    this.#secret = secret === undefined ? undefined : bytesOf(secret)
    this.#hash = this.#begin()
  }

  update(data: Data): void {
    this.#hash.update(bytesOf(data))
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

function bytesOf(data: Data): Buffer {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data)
}
