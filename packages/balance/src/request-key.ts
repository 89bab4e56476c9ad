import { cookieValue, isToken } from './cookie-value.ts'
import { misuse, refuseUnknown } from './errors.ts'

/** What a key is made of; the requests of Node fit, but for `remoteAddress`, which their socket has. */
export interface KeyedRequest {
  /** As it stands in the request's first line. */
  readonly url?: string | undefined
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly remoteAddress?: string | undefined
}

/**
 * - `source`: the client's address
 * - `header`: the value of a header; of several, joined by commas
 * - `cookie`: the value of a cookie
 * - `uri`: the request's target up to its `?`, as HAProxy's `balance uri`
 */
export type RequestKeyOptions =
  | { readonly from: 'source' }
  | { readonly from: 'header' | 'cookie'; readonly name: string }
  | {
      readonly from: 'uri'
      /** How many directories count: with 1, `/a/b/c` gives `/a`. Default: all */
      readonly depth?: number | undefined
      /** How many characters count. Default: all */
      readonly length?: number | undefined
      /** Whether a scheme and a host before the path are left out. Default: false */
      readonly pathOnly?: boolean | undefined
      /** Whether what follows the `?` counts as well. Default: false */
      readonly whole?: boolean | undefined
    }

/**
 * Makes what takes a key from each request, for algorithms that place requests by a key.
 *
 * @returns a function that gives undefined where the request has nothing of the kind
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function requestKey(options: RequestKeyOptions): (request: KeyedRequest) => string | undefined {
  const { from } = options
  switch (from) {
    case 'source':
      refuseUnknown('request key', options, ['from'])
      return ({ remoteAddress }) => withoutMapping(remoteAddress)
    case 'header': {
      const name = readName(options).toLowerCase()
      // Their own alone: a header may be called `constructor`.
      return ({ headers }) => (Object.hasOwn(headers, name) ? textOf(headers[name], ', ') : undefined)
    }
    case 'cookie': {
      const name = readName(options)
      return ({ headers }) => {
        const header = textOf(headers['cookie'], '; ')
        return header === undefined ? undefined : cookieValue(header, name) || undefined
      }
    }
    case 'uri':
      return uriKey(options)
    default:
      throw misuse(`request key: from is ${String(from satisfies never)}: write source, header, cookie or uri`)
  }
}

function uriKey(options: Extract<RequestKeyOptions, { from: 'uri' }>): (request: KeyedRequest) => string | undefined {
  refuseUnknown('request key', options, ['from', 'depth', 'length', 'pathOnly', 'whole'])
  const { depth = Infinity, length = Infinity, pathOnly = false, whole = false } = options
  for (const [name, value] of Object.entries({ depth, length })) {
    if (value === Infinity || (Number.isSafeInteger(value) && value > 0)) continue
    throw misuse(`request key: ${name} is ${value}: write a whole number, 1 or more`)
  }
  return ({ url }) => {
    if (url === undefined) return undefined
    const text = fromBytes(pathOnly ? pathOf(url) : url).slice(0, length)
    return text.slice(0, endOf(text, depth, whole)) || undefined
  }
}

/** Where the key ends: before the `?`, and before the slash that would begin one directory too many. */
function endOf(text: string, depth: number, whole: boolean): number {
  let slashes = 0
  for (let place = 0; place < text.length; place++) {
    const character = text[place]
    if (character === '/' && ++slashes > depth) return place
    if (character === '?' && !whole) return place
  }
  return text.length
}

function pathOf(url: string): string {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(url)
  return authority ? url.slice(authority[0].length) || '/' : url
}

function readName(options: { readonly from: string; readonly name: string }): string {
  refuseUnknown('request key', options, ['from', 'name'])
  if (!isToken(options.name)) throw misuse(`request key: name is ${JSON.stringify(options.name)}: write the name of a ${options.from}`)
  return options.name
}

function textOf(value: string | readonly string[] | undefined, joint: string): string | undefined {
  const text = typeof value === 'string' ? value : value?.join(joint)
  return text === undefined ? undefined : fromBytes(text) || undefined
}

/**
 * Node and browsers give each byte of a header as a character of its own. Where the bytes are UTF-8 they are one text
 * again: so a key hashes as the bytes that were sent, as in Envoy, and as the text that people ask `explain` for.
 */
function fromBytes(text: string): string {
  if (!/[\x80-\xff]/.test(text) || /[^\0-\xff]/.test(text)) return text
  try {
    return utf8.decode(Uint8Array.from(text, (character) => character.charCodeAt(0)))
  } catch {
    return text
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The same client is `192.0.2.1` on one listener and `::ffff:192.0.2.1` on another. */
function withoutMapping(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '') || undefined
}
