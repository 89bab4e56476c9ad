import type { Fault, Scene } from './takeover/scenario.ts'
import type { NodeName } from './takeover/site.ts'

/** Where a failure strikes: the node that has the address, the other one, the way from the one to the other, or the arbiter. */
export type Place = 'active' | 'standby' | 'link' | 'active > standby' | 'standby > active' | 'arbiter'

/** A failure of `hotspare check --matrix` that namespaces can bring about. */
export interface Drawn {
  readonly kind: string
  readonly at: Place
}

const onNodes = [
  'power',
  'isolated',
  'peers-cut',
  'arbiter-cut',
  'guard-stopped',
  'guard-killed',
  'hotspare-dead',
  'control-killed',
  'service-dead',
]

/** All of them. Not among them: a whole machine that freezes, a disk that hangs, an arbiter that is slow. */
export const drawable: readonly Drawn[] = [
  ...onNodes.flatMap((kind): Drawn[] => [
    { kind, at: 'active' },
    { kind, at: 'standby' },
  ]),
  { kind: 'link-cut', at: 'link' },
  { kind: 'one-way-cut', at: 'active > standby' },
  { kind: 'one-way-cut', at: 'standby > active' },
  { kind: 'arbiter-dead', at: 'arbiter' },
]

export function faultOf({ kind, at }: Drawn): Fault {
  const name = `${kind} at ${at}`
  const fault = (inject: (scene: Scene, node: NodeName) => unknown, heal: (scene: Scene, node: NodeName) => unknown): Fault => ({
    name,
    inject: async (scene) => void (await inject(scene, struck(scene, at))),
    heal: async (scene) => void (await heal(scene, struck(scene, at))),
  })
  switch (kind) {
    case 'power':
      return fault(
        ({ site }, node) => site.powerOff(node),
        async ({ site, system }, node) => {
          await site.powerOn(node)
          await system.startNode(site, node)
        },
      )
    case 'isolated':
      return fault(
        ({ site }, node) => site.machines[node].unplug(),
        ({ site }, node) => site.machines[node].plug(),
      )
    case 'peers-cut':
      return fault((scene, node) => {
        cut(scene, node, peerOf(node))
        cut(scene, node, 'arbiter')
      }, mend)
    case 'arbiter-cut':
      return fault((scene, node) => cut(scene, node, 'arbiter'), mend)
    case 'link-cut':
      return fault((scene, node) => cut(scene, node, peerOf(node)), mend)
    case 'one-way-cut':
      // The one that is struck no longer hears the other.
      return fault(({ site }, node) => site.machines[node].cutFrom(site.machines[peerOf(node)]), mend)
    case 'guard-stopped':
      return fault(
        ({ system }, node) => system.signal(node, 'guard', 'SIGSTOP'),
        ({ system }, node) => system.signal(node, 'guard', 'SIGCONT'),
      )
    case 'guard-killed':
      return fault(
        ({ system }, node) => system.signal(node, 'guard', 'SIGKILL'),
        () => {},
      )
    case 'hotspare-dead':
      return fault(
        ({ system }, node) => system.signal(node, 'all', 'SIGKILL'),
        ({ system, site }, node) => system.startNode(site, node),
      )
    case 'control-killed':
      return fault(
        ({ system }, node) => system.signal(node, 'control', 'SIGKILL'),
        () => {},
      )
    case 'service-dead':
      return fault(
        ({ site }, node) => site.killService(node),
        ({ site }, node) => site.startService(node),
      )
    case 'arbiter-dead':
      return fault(
        ({ site }) => site.machines.arbiter.unplug(),
        ({ site }) => site.machines.arbiter.plug(),
      )
    default:
      throw new Error(`no namespace can do this: ${name}`)
  }
}

/** Of a way that is cut, the node at its end. */
function struck({ holder, other }: Scene, at: Place): NodeName {
  return at === 'standby' || at === 'active > standby' ? other : holder
}

function peerOf(node: NodeName): NodeName {
  return node === 'node1' ? 'node2' : 'node1'
}

function cut({ site }: Scene, one: NodeName, other: NodeName | 'arbiter'): void {
  site.machines[one].cutFrom(site.machines[other])
  site.machines[other].cutFrom(site.machines[one])
}

function mend({ site: { machines } }: Scene): void {
  for (const machine of [machines.node1, machines.node2, machines.arbiter]) machine.mend()
}
