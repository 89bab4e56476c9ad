import type { ListenAddress } from '../config/config.ts'

/** A proxy, and where it listens as the file has it. */
export interface NamedListen {
  readonly name: string
  readonly listen: ListenAddress
}

/** What becomes of the ports that are held. */
export interface PortPlan {
  /** By the name that a proxy has from now on, the one that had its port so far. */
  readonly kept: ReadonlyMap<string, string>
  /** Those whose port is to be bound. */
  readonly bind: readonly NamedListen[]
  /** The names, so far, of those whose port is given up. */
  readonly close: readonly string[]
}

/**
 * A port goes on under whatever name: first where a proxy keeps name and address, then where the address alone is the same. An
 * address that asks for any free port is the same as another such one: what was taken stays.
 */
export function planPorts(held: readonly NamedListen[], wanted: readonly NamedListen[]): PortPlan {
  const kept = new Map<string, string>()
  const free = new Set(held)
  const keep = (found: NamedListen | undefined, { name }: NamedListen) => {
    if (!found) return
    free.delete(found)
    kept.set(name, found.name)
  }
  for (const each of wanted)
    keep(
      find(free, (other) => other.name === each.name && isSame(other.listen, each.listen)),
      each,
    )
  for (const each of wanted)
    if (!kept.has(each.name))
      keep(
        find(free, (other) => isSame(other.listen, each.listen)),
        each,
      )
  return { kept, bind: wanted.filter(({ name }) => !kept.has(name)), close: [...free].map(({ name }) => name) }
}

export function isSame(one: ListenAddress, other: ListenAddress): boolean {
  return one.host === other.host && one.port === other.port
}

function find(free: ReadonlySet<NamedListen>, fits: (each: NamedListen) => boolean): NamedListen | undefined {
  return [...free].find(fits)
}
