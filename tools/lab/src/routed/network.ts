import { execute, ip, killAll, Namespaces } from '@hotspare/netlab'
import { onTestFinished } from 'vitest'
import type { Machine } from '../network.ts'

/** A machine with a cable to each of some switches; its interfaces are named after them. */
export interface RoutedMachine extends Pick<Machine, 'name' | 'folder' | 'run' | 'execute'> {
  /** At the first of its switches. */
  readonly address: string
  addressAt(lan: string): string
  /** Pulls the cable at that switch. */
  unplug(lan: string): void
  plug(lan: string): void
  /** It loses its power; `plug` and a new start of what ran on it bring it back. */
  powerOff(): void
}

/** Which host it is at which switches, and which host of the first one it sends everything else to. */
export interface Placement {
  readonly at: Readonly<Record<string, number>>
  readonly gateway?: number | undefined
}

/**
 * Machines on several switches, with real routing between them by whichever are at more than one. Switch number n has
 * 10.80.n.0/24.
 *
 * @param lans the switches, with their numbers
 */
export function createRoutedNetwork<Name extends string>(
  lans: Readonly<Record<string, number>>,
  places: Readonly<Record<Name, Placement>>,
): Record<Name, RoutedMachine> {
  const namespaces = new Namespaces()
  onTestFinished(() => namespaces.remove())
  const fabric = namespaces.add('switches')
  for (const lan of Object.keys(lans)) ip('-n', fabric, 'link', 'add', 'name', `sw-${lan}`, 'up', 'type', 'bridge')
  let ports = 0

  const connect = (name: Name, { at, gateway }: Placement): RoutedMachine => {
    const namespace = namespaces.add(name)
    const portOf = new Map<string, string>()
    const addressAt = (lan: string) => `10.80.${lans[lan]}.${at[lan]}`
    const [first = ''] = Object.keys(at)
    const setRoute = () => {
      if (gateway !== undefined) ip('-n', namespace, 'route', 'replace', 'default', 'via', `10.80.${lans[first]}.${gateway}`)
    }
    for (const lan of Object.keys(at)) {
      const port = `port${(ports += 1)}`
      portOf.set(lan, port)
      ip('-n', fabric, 'link', 'add', 'name', port, 'type', 'veth', 'peer', 'name', lan, 'netns', namespace)
      ip('-n', fabric, 'link', 'set', 'dev', port, 'master', `sw-${lan}`, 'up')
      ip('-n', namespace, 'address', 'add', `${addressAt(lan)}/24`, 'dev', lan)
      ip('-n', namespace, 'link', 'set', 'dev', lan, 'up')
    }
    setRoute()
    // A node must not pass on to the holder what an observer has sent to it.
    const forwards = Object.keys(at).length > 1 ? 1 : 0
    execute(namespace, 'sysctl', ['--quiet', '--write', `net.ipv4.ip_forward=${forwards}`])
    const setPort = (lan: string, state: 'up' | 'down') => ip('-n', fabric, 'link', 'set', 'dev', portOf.get(lan) ?? '', state)
    return {
      name,
      folder: namespaces.addFolder(name),
      address: addressAt(first),
      addressAt,
      run: (command, parameters, env) => namespaces.run(namespace, command, parameters, env),
      execute: (command, parameters) => execute(namespace, command, parameters),
      unplug: (lan) => setPort(lan, 'down'),
      plug: (lan) => {
        setPort(lan, 'up')
        // The kernel has forgotten it with the carrier, where it does that.
        setRoute()
      },
      powerOff: () => {
        for (const lan of Object.keys(at)) setPort(lan, 'down')
        killAll(namespace)
        ip('-n', namespace, 'address', 'flush', 'dev', 'lo', 'scope', 'global')
      },
    }
  }
  const machines = Object.entries<Placement>(places).map(([name, place]) => [name, connect(name as Name, place)])
  return Object.fromEntries(machines) as Record<Name, RoutedMachine>
}
