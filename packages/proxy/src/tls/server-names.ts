/** A server's certificate, as far as choosing it goes. */
export interface Named<Value> {
  /** `shop.example`, `*.shop.example`; in any case. */
  readonly names: readonly string[]
  readonly value: Value
}

/**
 * Chooses by the name that a client asks for: one that is there in full goes before a wildcard, which stands for exactly one
 * label and only for the first (RFC 9525, 6.3). Of two that have the same name, the one that is listed first is taken.
 */
export class ServerNames<Value> {
  readonly #exact = new Map<string, Value>()
  readonly #wildcards = new Map<string, Value>()

  constructor(entries: readonly Named<Value>[]) {
    for (const { names, value } of entries) {
      for (const name of names) {
        const plain = plainName(name)
        const [table, key] = plain.startsWith('*.') ? ([this.#wildcards, plain.slice(2)] as const) : ([this.#exact, plain] as const)
        if (!table.has(key)) table.set(key, value)
      }
    }
  }

  /** @returns undefined where nobody has that name */
  find(asked: string): Value | undefined {
    const name = plainName(asked)
    const found = this.#exact.get(name)
    if (found !== undefined) return found
    const dot = name.indexOf('.')
    return dot > 0 ? this.#wildcards.get(name.slice(dot + 1)) : undefined
  }
}

/** In small letters, without the dot that a full name may end with. */
function plainName(name: string): string {
  const small = name.toLowerCase()
  return small.endsWith('.') ? small.slice(0, -1) : small
}

/**
 * A name that a certificate or a client of TLS may have: labels of letters, digits and hyphens (and the underscores that are
 * about), a wildcard for the whole first one.
 */
export function isServerName(name: string): boolean {
  return name.length <= LONGEST_NAME && /^(?:\*\.)?[\w-]{1,63}(?:\.[\w-]{1,63})*\.?$/.test(name)
}

/** RFC 1035, 2.3.4. */
const LONGEST_NAME = 253
