import { DnsValueError } from '../errors.ts'
import { canonicalName } from '../name.ts'
import { tsigAlgorithms, type TsigKey } from './algorithms.ts'

/** What a key is used as. */
export interface UsableKey {
  readonly name: string
  readonly secret: Uint8Array
}

/**
 * @throws DnsValueError where its name is none, or its secret is no base64; the secret is not in the message
 */
export function usableKey(key: TsigKey): UsableKey {
  if (!Object.hasOwn(tsigAlgorithms, key.algorithm)) throw new DnsValueError(`there is no algorithm "${key.algorithm}" for a key`)
  const text = key.secret.replaceAll(/\s/g, '')
  const secret = Buffer.from(text, 'base64')
  const isWhole = secret.length > 0 && withoutPadding(secret.toString('base64')) === withoutPadding(text)
  if (!isWhole) throw new DnsValueError(`the secret of the key "${key.name}" is no base64`)
  return { name: canonicalName(key.name), secret }
}

function withoutPadding(text: string): string {
  return text.replace(/=+$/, '')
}
