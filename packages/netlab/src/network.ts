import { type Environment, execute, ip, killAll, Namespaces, type RunningProgram } from './namespaces.ts'

/** What a machine begins with. */
export interface MachineSpec {
  /**
   * IPv4 or IPv6. Those without a prefix find all others of the network, whatever these are, without a router. Default: one of
   * 10.77.0.0/24
   */
  readonly addresses?: readonly string[] | undefined
  /** Its cables to the switch, by the names of its interfaces; the first one has the addresses. Default: eth0 */
  readonly interfaces?: readonly string[] | undefined
}

/** A machine: a network namespace with its cables to one switch. */
export interface Machine {
  readonly name: string
  /** The first of its addresses. */
  readonly address: string
  /** The hardware address of its first cable. */
  readonly mac: string
  /** The name of the port of its first cable at the switch. */
  readonly port: string
  /** Those of all its cables. */
  readonly ports: readonly string[]
  /** A folder of its own, gone with the network. */
  readonly folder: string
  /** Starts a program on it; whatever still runs is killed when the network is removed. */
  run(command: string, parameters: readonly string[], env?: Environment): RunningProgram
  /** Runs a short program on it to its end. @returns its output @throws Error when it fails */
  execute(command: string, parameters: readonly string[]): string
  /** Starts a program in the switch, where the frames of all machines pass. */
  runAtSwitch(command: string, parameters: readonly string[], env?: Environment): RunningProgram
  /** From now on, that address is on that machine as far as this one is concerned; it never asks. */
  pin(address: string, machine: Pick<Machine, 'mac'>): void
  /** Pulls its cables at the switch: packets vanish without an answer, as when a machine loses its power. */
  unplug(): void
  plug(): void
  /**
   * It loses its power: first nobody hears from it any more, then all that ran on it is gone, and what was added to its
   * network with it. `plug` brings it back.
   */
  powerOff(): void
  /** From now on, no frame of that machine arrives here (ARP and multicast neither); the other direction still works. */
  cutFrom(sender: Pick<Machine, 'ports'>): void
  /** From now on, no ARP of that machine arrives here; everything else does. */
  cutArpFrom(sender: Pick<Machine, 'ports'>): void
  /** This share of all IPv4 and IPv6 packets to it, or of those that one machine sends it, is lost on the way, in whole percent. */
  losePercent(percent: number, sender?: Pick<Machine, 'ports'>): void
  /** Takes back every `cutFrom`, `cutArpFrom` and `losePercent`. */
  mend(): void
}

/** Machines that can reach each other. */
export interface Network<Name extends string> {
  readonly machines: Readonly<Record<Name, Machine>>
  /** Kills all that runs on them, and removes them. Idempotent. */
  readonly remove: () => void
}

/**
 * Machines on one switch. Needs Linux, root, and the programs `ip` and `nft`.
 *
 * @throws Error where one of these is missing, or an interface or address cannot be had; nothing is left then
 */
export function createNetwork<Name extends string>(specs: Readonly<Record<Name, MachineSpec>>): Network<Name> {
  const namespaces = new Namespaces()
  try {
    const network = namespaces.add('switch')
    ip('-n', network, 'link', 'add', 'bridge', 'type', 'bridge')
    ip('-n', network, 'link', 'set', 'bridge', 'up')
    nft(network, 'add', 'table', 'bridge', 'lab')
    const machines = eachOf(specs, (name, spec, index) => addMachine(namespaces, network, { name, spec, index }))
    return { machines, remove: () => namespaces.remove() }
  } catch (error) {
    namespaces.remove()
    throw error
  }
}

type Make = (name: string, spec: MachineSpec, index: number) => Machine

/** What is made of each, by the same names. */
function eachOf<Name extends string>(specs: Readonly<Record<Name, MachineSpec>>, make: Make): Readonly<Record<Name, Machine>>
function eachOf(specs: Readonly<Record<string, MachineSpec>>, make: Make): Readonly<Record<string, Machine>> {
  return Object.fromEntries(Object.entries(specs).map(([name, spec], index) => [name, make(name, spec, index)]))
}

interface Placed {
  readonly name: string
  readonly spec: MachineSpec
  readonly index: number
}

function addMachine(namespaces: Namespaces, network: string, { name, spec, index }: Placed): Machine {
  const { addresses = [`10.77.0.${index + 1}/24`], interfaces = ['eth0'] } = spec
  const namespace = namespaces.add(name)
  const cables = interfaces.map((link, at) => ({
    link,
    port: at === 0 ? `port${index}` : `port${index}n${at}`,
    mac: `02:4d:00:00:${hex(at)}:${hex(index + 1)}`,
  }))
  const [{ link: first, mac, port } = { link: 'eth0', mac: '', port: '' }] = cables
  for (const cable of cables) {
    ip('-n', network, 'link', 'add', cable.port, 'type', 'veth', 'peer', 'name', cable.link, 'netns', namespace)
    ip('-n', network, 'link', 'set', cable.port, 'master', 'bridge', 'up')
    ip('-n', namespace, 'link', 'set', cable.link, 'address', cable.mac)
    ip('-n', namespace, 'link', 'set', cable.link, 'up')
    // On the way to the receiver: the sender of a lost frame must not learn of it.
    nft(network, 'add', 'chain', 'bridge', 'lab', cable.port, '{ type filter hook forward priority 0 ; }')
  }
  const ports = cables.map((cable) => cable.port)
  const setAddresses = () => giveAddresses(namespace, first, addresses)
  setAddresses()
  const drop = (...rule: readonly string[]) => {
    for (const own of ports) nft(network, 'add', 'rule', 'bridge', 'lab', own, 'oifname', own, ...rule, 'drop')
  }
  const unplug = () => {
    for (const own of ports) ip('-n', network, 'link', 'set', own, 'down')
  }
  return {
    name,
    address: withoutPrefix(addresses[0] ?? ''),
    mac,
    port,
    ports,
    folder: namespaces.addFolder(name),
    run: (command, parameters, env) => namespaces.run(namespace, command, parameters, env),
    execute: (command, parameters) => execute(namespace, command, parameters),
    runAtSwitch: (command, parameters, env) => namespaces.run(network, command, parameters, env),
    pin: (address, { mac: where }) =>
      ip('-n', namespace, 'neighbour', 'replace', address, 'lladdr', where, 'nud', 'permanent', 'dev', first),
    unplug,
    plug() {
      for (const own of ports) ip('-n', network, 'link', 'set', own, 'up')
    },
    powerOff() {
      unplug()
      killAll(namespace)
      for (const cable of cables) ip('-n', namespace, 'address', 'flush', 'dev', cable.link)
      setAddresses()
      nft(namespace, 'flush', 'ruleset')
    },
    cutFrom(sender) {
      for (const each of sender.ports) drop('iifname', each)
    },
    cutArpFrom(sender) {
      for (const each of sender.ports) drop('iifname', each, 'ether', 'type', 'arp')
    },
    losePercent(percent, sender) {
      // `numgen` has no room for all of them.
      const share = percent < 100 ? ['numgen', 'random', 'mod', '100', '<', String(percent)] : []
      const loss = ['ether', 'type', '{ ip, ip6 }', ...share]
      if (!sender) return drop(...loss)
      for (const each of sender.ports) drop('iifname', each, ...loss)
    },
    mend() {
      for (const own of ports) nft(network, 'flush', 'chain', 'bridge', 'lab', own)
    },
  }
}

/** Where an address has no network of its own, everything is behind the first cable. */
function giveAddresses(namespace: string, link: string, addresses: readonly string[]): void {
  for (const address of addresses) {
    const isV6 = address.includes(':')
    const isAlone = !address.includes('/')
    const prefixed = isAlone ? `${address}/${isV6 ? 128 : 32}` : address
    ip('-n', namespace, 'address', 'add', prefixed, 'dev', link, ...(isV6 ? ['nodad'] : []))
    if (isAlone) ip('-n', namespace, isV6 ? '-6' : '-4', 'route', 'replace', 'default', 'dev', link)
  }
}

/** `10.0.0.1` of `10.0.0.1/24`. */
function withoutPrefix(address: string): string {
  return address.replace(/\/\d+$/, '')
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0')
}

function nft(namespace: string, ...parameters: readonly string[]): void {
  ip('netns', 'exec', namespace, 'nft', ...parameters)
}
