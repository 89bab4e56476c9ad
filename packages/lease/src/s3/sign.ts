import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import type { HttpQuestion } from '../http-exchange.ts'

/** What signs a request. */
export interface S3Key {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

type Data = string | ArrayBuffer | ArrayBufferView

/** SHA-256, or its HMAC, in the form that the signer asks for. */
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

/**
 * The headers of a request with AWS Signature Version 4, the body's hash among them.
 *
 * @param at the time that the store compares with its own, 15 minutes at most apart
 */
export async function signedHeaders(
  { method, url, headers, body }: Pick<HttpQuestion, 'method' | 'url' | 'headers' | 'body'>,
  { key, region, at }: { readonly key: S3Key; readonly region: string; readonly at: Date },
): Promise<Record<string, string>> {
  // 36 ms and 16 MB, for those alone who keep leases in a bucket.
  const { SignatureV4 } = await import('@smithy/signature-v4')
  const { accessKeyId, secretAccessKey, sessionToken } = key
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) }
  // S3 is the one service whose path is not escaped twice.
  const signer = new SignatureV4({ credentials, region, service: 's3', sha256: Sha256, uriEscapePath: false, applyChecksum: true })
  const { protocol, host, hostname, pathname } = new URL(url)
  const request = { method, protocol, hostname, path: pathname, query: {}, headers: { ...headers, host }, body }
  return (await signer.sign(request, { signingDate: at })).headers
}
