import { spawnSync } from 'node:child_process'
import { sleep } from '@hotspare/core'
import type { TestContext } from 'vitest'
import { type Environment, execute, ip, killAll, Namespaces, type RunningProgram } from './namespaces.ts'

export { removeNetworks, type RunningProgram } from './namespaces.ts'

/** A machine of the lab: a network namespace with one cable to a switch. */
export interface Machine {
  readonly name: string
  readonly address: string
  /** The hardware address of its cable. */
  readonly mac: string
  /** The name of its port at the switch. */
  readonly port: string
  /** A folder of its own, gone with the lab. */
  readonly folder: string
  /** Starts a program on it; whatever still runs at the end of the test is killed. */
  run(command: string, parameters: readonly string[], env?: Environment): RunningProgram
  /** Runs a short program on it to its end. @returns its output */
  execute(command: string, parameters: readonly string[]): string
  /** Starts a program in the switch, where the frames of all machines pass. */
  runAtSwitch(command: string, parameters: readonly string[], env?: Environment): RunningProgram
  /** Pulls the cable at the switch: packets vanish without an answer, as when a machine loses its power. */
  unplug(): void
  plug(): void
  /**
   * It loses its power: first nobody hears from it any more, then all that ran on it is gone, and what was added to its
   * network with it. `plug` brings it back.
   */
  powerOff(): void
  /** From now on, no frame of that machine arrives here (ARP and multicast neither); the other direction still works. */
  cutFrom(sender: Machine): void
  /** From now on, no ARP of that machine arrives here; everything else does. */
  cutArpFrom(sender: Machine): void
  /** This share of all IP packets to it, or of those that one machine sends it, is lost on the way, in percent. */
  losePercent(percent: number, sender?: Machine): void
  /** Takes back every `cutFrom`, `cutArpFrom` and `losePercent`. */
  mend(): void
}

/**
 * Machines on one switch.
 * @param whenDone called with what removes them. Default: they are made for the running test, and removed after it
 */
export function createNetwork<Name extends string>(names: readonly Name[], whenDone?: (remove: () => void) => void): Record<Name, Machine> {
  const namespaces = new Namespaces(whenDone)
  const network = namespaces.add('switch')
  ip('-n', network, 'link', 'add', 'bridge', 'type', 'bridge')
  ip('-n', network, 'link', 'set', 'bridge', 'up')
  nft(network, 'add', 'table', 'bridge', 'lab')

  const machines = names.map((name, index): [Name, Machine] => {
    const namespace = namespaces.add(name)
    const port = `port${index}`
    const address = `10.77.0.${index + 1}`
    const mac = `02:4d:00:00:00:${(index + 1).toString(16).padStart(2, '0')}`
    const setAddress = () => ip('-n', namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0')
    ip('-n', network, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace)
    ip('-n', network, 'link', 'set', port, 'master', 'bridge', 'up')
    ip('-n', namespace, 'link', 'set', 'eth0', 'address', mac)
    setAddress()
    ip('-n', namespace, 'link', 'set', 'eth0', 'up')
    // On the way to the receiver: the sender of a lost frame must not learn of it.
    nft(network, 'add', 'chain', 'bridge', 'lab', port, '{ type filter hook forward priority 0 ; }')
    const drop = (...rule: readonly string[]) => nft(network, 'add', 'rule', 'bridge', 'lab', port, 'oifname', port, ...rule, 'drop')
    const unplug = () => ip('-n', network, 'link', 'set', port, 'down')
    return [
      name,
      {
        name,
        address,
        mac,
        port,
        folder: namespaces.addFolder(name),
        run: (command, parameters, env) => namespaces.run(namespace, command, parameters, env),
        execute: (command, parameters) => execute(namespace, command, parameters),
        runAtSwitch: (command, parameters, env) => namespaces.run(network, command, parameters, env),
        unplug,
        plug: () => ip('-n', network, 'link', 'set', port, 'up'),
        powerOff: () => {
          unplug()
          killAll(namespace)
          ip('-n', namespace, 'address', 'flush', 'dev', 'eth0')
          setAddress()
          nft(namespace, 'flush', 'ruleset')
        },
        cutFrom: (sender) => drop('iifname', sender.port),
        cutArpFrom: (sender) => drop('iifname', sender.port, 'ether', 'type', 'arp'),
        losePercent: (percent, sender) => {
          const from = sender ? ['iifname', sender.port] : []
          drop(...from, 'ether', 'type', 'ip', 'numgen', 'random', 'mod', '100', '<', String(percent))
        },
        mend: () => nft(network, 'flush', 'chain', 'bridge', 'lab', port),
      },
    ]
  })
  return Object.fromEntries(machines) as Record<Name, Machine>
}

/** Skips the test, with its reason, where this machine cannot have namespaces or lacks a program. */
export function needLab(context: TestContext, ...programs: readonly string[]): void {
  const missing = ['ip', 'nft', ...programs].filter((program) => spawnSync('which', [program]).status !== 0)
  if (missing.length > 0) context.skip(`not installed: ${missing.join(', ')}`)
  if (process.getuid?.() !== 0) context.skip('network namespaces need root')
}

/** @param what a function where it is to tell how things stood at the end */
export async function until(condition: () => boolean, what: string | (() => string)): Promise<void> {
  const deadlineMs = performance.now() + 30_000
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`never happened: ${typeof what === 'string' ? what : what()}`)
    await sleep(20)
  }
}

function nft(namespace: string, ...parameters: readonly string[]): void {
  ip('netns', 'exec', namespace, 'nft', ...parameters)
}
