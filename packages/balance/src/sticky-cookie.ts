import { createHmac, timingSafeEqual } from 'node:crypto'
import { isToken } from './cookie-value.ts'
import { misuse, refuseUnknown } from './errors.ts'
import { stickyCookieDefaults } from './sticky-cookie-defaults.ts'

export { cookieValue } from './cookie-value.ts'
export { stickyCookieDefaults } from './sticky-cookie-defaults.ts'

export interface StickyCookieOptions {
  /**
   * Secrets of 32 bytes or more, the first of which signs; the others are still accepted, so that one can be replaced:
   * put the new one in front, and take the old one out after `maxAgeSeconds`. Keep them over a restart.
   */
  readonly keys: readonly (string | Uint8Array)[]
  /** What the cookie is valid for, such as the name of a pool: one that was signed for another is not accepted. Default: empty */
  readonly scope?: string | undefined
  /** How long it is good for, a whole number of seconds up to 400 days. Default: a day */
  readonly maxAgeSeconds?: number | undefined
  /** The name in `setCookie`. Default: `hotspare` */
  readonly name?: string | undefined
  /** Whether `setCookie` allows plain HTTP. Default: false */
  readonly insecure?: boolean | undefined
  /** To which paths `setCookie` has it sent. Default: `/` */
  readonly path?: string | undefined
  /** With which requests from other sites `setCookie` has it sent. Default: `lax` */
  readonly sameSite?: SameSite | undefined
}

export type SameSite = 'lax' | 'strict' | 'none'

/** A cookie that says which target a client is at, and that only the holder of a key can make. */
export interface StickyCookie {
  /** @returns the cookie's value; `wallMs`: milliseconds since the Unix epoch, since it is read after a restart */
  encode(targetId: string, wallMs: number): string
  /** @returns the target's id; undefined where the value is not whole, not ours, too long or too old */
  decode(value: string, wallMs: number): string | undefined
  /** @returns the value of a `Set-Cookie` header */
  setCookie(targetId: string, wallMs: number): string
}

/** What signs is kept apart from whatever else the key may sign. */
const PURPOSE = 'hotspare-sticky-1'

/** Of the HMAC, 16 bytes are left: as many as nobody guesses. */
const SIGNATURE_BYTES = 16

/**
 * The value is `expiry.id.signature`: seconds since the Unix epoch, the target's id in base64url, and the first 16 bytes
 * of an HMAC-SHA256 over both and the scope. It names the target and not its place in a pool, so it holds when others
 * come and go; it does not hide the name.
 *
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function createStickyCookie(options: StickyCookieOptions): StickyCookie {
  const { keys, scope, maxAgeSeconds, name, insecure, path, sameSite } = read(options)
  const sign = (key: Uint8Array, payload: string): string =>
    createHmac('sha256', key)
      .update(JSON.stringify([PURPOSE, scope, payload]))
      .digest()
      .subarray(0, SIGNATURE_BYTES)
      .toString('base64url')

  function encode(targetId: string, wallMs: number): string {
    const expiry = Math.floor(wallMs / 1_000) + maxAgeSeconds
    const payload = `${expiry}.${Buffer.from(targetId).toString('base64url')}`
    const value = `${payload}.${sign(keys[0]!, payload)}`
    if (value.length <= stickyCookieDefaults.maxCharacters) return value
    throw misuse(`sticky cookie: an id of ${targetId.length} characters is too long for a cookie`)
  }

  return {
    encode,
    decode(value, wallMs) {
      if (value.length > stickyCookieDefaults.maxCharacters) return undefined
      const [, payload, expiry, id, signature] = /^((\d{1,12})\.([\w-]+))\.([\w-]{22})$/.exec(value) ?? []
      if (payload === undefined || id === undefined || signature === undefined) return undefined
      // As text: the last character has bits to spare, and would have several spellings.
      const given = Buffer.from(signature)
      if (!keys.some((key) => timingSafeEqual(Buffer.from(sign(key, payload)), given))) return undefined
      return wallMs < Number(expiry) * 1_000 ? Buffer.from(id, 'base64url').toString() : undefined
    },
    setCookie(targetId, wallMs) {
      const attributes = `Path=${path}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=${SAME_SITE[sameSite]}`
      return `${name}=${encode(targetId, wallMs)}; ${attributes}${insecure ? '' : '; Secure'}`
    },
  }
}

const SAME_SITE: Readonly<Record<SameSite, string>> = { lax: 'Lax', strict: 'Strict', none: 'None' }
/** RFC 6265, 4.1.1: neither a control character nor a semicolon. */
const PATH = /^\/[\x20-\x3a\x3c-\x7e]*$/

interface ReadOptions {
  readonly keys: readonly Uint8Array[]
  readonly scope: string
  readonly maxAgeSeconds: number
  readonly name: string
  readonly insecure: boolean
  readonly path: string
  readonly sameSite: SameSite
}

function read(options: StickyCookieOptions): ReadOptions {
  refuseUnknown('sticky cookie', options, ['keys', 'scope', 'maxAgeSeconds', 'name', 'insecure', 'path', 'sameSite'])
  const { scope = '', insecure = false, maxAgeSeconds = stickyCookieDefaults.maxAgeSeconds, name = stickyCookieDefaults.name } = options
  const { path = '/', sameSite = 'lax' } = options
  const { leastKeyBytes, mostKeys } = stickyCookieDefaults
  // A key is a secret: nothing here may say what it is.
  if (!Array.isArray(options.keys) || !options.keys.every(isKey)) throw misuse('sticky cookie: keys is no list of texts or bytes')
  const keys = options.keys.map((key) => Uint8Array.from(Buffer.from(key)))
  if (keys.length === 0 || keys.length > mostKeys) throw misuse(`sticky cookie: ${keys.length} keys: give 1 to ${mostKeys}`)
  const short = keys.findIndex(({ length }) => length < leastKeyBytes)
  if (short !== -1) throw misuse(`sticky cookie: key number ${short + 1} is shorter than ${leastKeyBytes} bytes: make one by chance`)
  if (!isToken(name)) throw misuse(`sticky cookie: name is ${JSON.stringify(name)}: write the name of a cookie`)
  if (!PATH.test(path)) throw misuse(`sticky cookie: path is ${JSON.stringify(path)}: write one that begins with /, without a semicolon`)
  if (!Object.hasOwn(SAME_SITE, sameSite)) throw misuse(`sticky cookie: sameSite is ${JSON.stringify(sameSite)}: write lax, strict or none`)
  const { mostAgeSeconds } = stickyCookieDefaults
  if (Number.isSafeInteger(maxAgeSeconds) && maxAgeSeconds > 0 && maxAgeSeconds <= mostAgeSeconds)
    return { keys, scope, maxAgeSeconds, name, insecure, path, sameSite }
  throw misuse(`sticky cookie: maxAgeSeconds is ${maxAgeSeconds}: write a whole number of seconds, from 1 to ${mostAgeSeconds}`)
}

function isKey(key: unknown): boolean {
  return typeof key === 'string' || ArrayBuffer.isView(key)
}
