/** A key that both sides know. */
export interface TsigKey {
  /** Its name, the same on both sides: `hotspare`. */
  readonly name: string
  readonly algorithm: TsigAlgorithm
  /** Base64, as `tsig-keygen` and the configuration of every name server have it. */
  readonly secret: string
}

export type TsigAlgorithm =
  | 'hmac-md5'
  | 'hmac-sha1'
  | 'hmac-sha224'
  | 'hmac-sha256'
  | 'hmac-sha256-128'
  | 'hmac-sha384'
  | 'hmac-sha384-192'
  | 'hmac-sha512'
  | 'hmac-sha512-256'

interface Algorithm {
  /** As `node:crypto` calls it. */
  readonly hash: string
  readonly hashBytes: number
  /** How much of the hash is sent. */
  readonly macBytes: number
  /** Its name in messages. */
  readonly wireName: string
}

/** RFC 8945, 6. hmac-md5 and hmac-sha1 are there for old servers alone. */
export const tsigAlgorithms: Readonly<Record<TsigAlgorithm, Algorithm>> = Object.freeze({
  'hmac-md5': { hash: 'md5', hashBytes: 16, macBytes: 16, wireName: 'hmac-md5.sig-alg.reg.int' },
  'hmac-sha1': { hash: 'sha1', hashBytes: 20, macBytes: 20, wireName: 'hmac-sha1' },
  'hmac-sha224': { hash: 'sha224', hashBytes: 28, macBytes: 28, wireName: 'hmac-sha224' },
  'hmac-sha256': { hash: 'sha256', hashBytes: 32, macBytes: 32, wireName: 'hmac-sha256' },
  'hmac-sha256-128': { hash: 'sha256', hashBytes: 32, macBytes: 16, wireName: 'hmac-sha256-128' },
  'hmac-sha384': { hash: 'sha384', hashBytes: 48, macBytes: 48, wireName: 'hmac-sha384' },
  'hmac-sha384-192': { hash: 'sha384', hashBytes: 48, macBytes: 24, wireName: 'hmac-sha384-192' },
  'hmac-sha512': { hash: 'sha512', hashBytes: 64, macBytes: 64, wireName: 'hmac-sha512' },
  'hmac-sha512-256': { hash: 'sha512', hashBytes: 64, macBytes: 32, wireName: 'hmac-sha512-256' },
})
