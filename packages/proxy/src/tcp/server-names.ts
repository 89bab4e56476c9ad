/** What is for one name, or for all below one. */
export interface ServerNameEntry<Value> {
  /** `db.example.org`; `*.example.org` is every name below, one label or more. */
  readonly name: string
  readonly value: Value
}

/**
 * Finds what is for the name that a client's TLS asks for: the exact name first, then the longest `*.` that fits.
 *
 * @returns a function that gives undefined where nothing is for the name, and for clients that name none
 */
export function serverNames<Value>(entries: readonly ServerNameEntry<Value>[]): (serverName: string | undefined) => Value | undefined {
  const byName = new Map(entries.map(({ name, value }) => [name.toLowerCase(), value]))
  return (serverName) => {
    if (serverName === undefined) return undefined
    // It is in lower case already, and a client cannot ask for a name with a `*` in it.
    const exact = byName.get(serverName)
    if (exact !== undefined) return exact
    for (let dot = serverName.indexOf('.'); dot >= 0; dot = serverName.indexOf('.', dot + 1)) {
      const wide = byName.get(`*${serverName.slice(dot)}`)
      if (wide !== undefined) return wide
    }
    return undefined
  }
}
