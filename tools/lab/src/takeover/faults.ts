import { sleep } from '@hotspare/core'
import type { Machine } from '../network.ts'
import type { Fault, Part, Scene } from './scenario.ts'

export const nothing: Fault = { name: 'nothing', inject: () => {}, heal: () => {} }

/** People move the address, and see no error. */
export const switchover: Fault = {
  name: 'planned switchover',
  inject: ({ system, other }) => system.switchover(other),
  heal: () => {},
}

export const serviceKilled: Fault = {
  name: 'service killed',
  inject: ({ site, holder }) => site.killService(holder),
  heal: ({ site, holder }) => site.startService(holder),
}

/** An orderly stop of the whole system on the holder. */
export const stopped: Fault = {
  name: 'SIGTERM',
  inject: ({ system, holder }) => system.stop(holder),
  heal: ({ system, site, holder }) => system.startNode(site, holder),
}

/** The link is cut, then all that ran there is gone. */
export const powerLoss: Fault = {
  name: 'power loss',
  inject: ({ site, holder }) => site.powerOff(holder),
  heal: async ({ system, site, holder }) => {
    await site.powerOn(holder)
    await system.startNode(site, holder)
  },
}

export const linkDown: Fault = {
  name: 'link down',
  inject: ({ site, holder }) => site.machines[holder].unplug(),
  heal: ({ site, holder }) => site.machines[holder].plug(),
}

/** All processes of a part are killed at once; nobody starts what is left of them again but a guard of the system's own. */
export function killed(part: Part): Fault {
  return {
    name: `SIGKILL of ${part}`,
    inject: ({ system, holder }) => system.signal(holder, part, 'SIGKILL'),
    heal: async ({ system, site, holder }) => {
      if (part === 'all') await system.startNode(site, holder)
    },
  }
}

/** All processes of a part stand still for that long, and then go on as if nothing had been. */
export function paused(part: Part, forMs: number): Fault {
  return {
    name: `SIGSTOP of ${part} for ${forMs} ms`,
    inject: async ({ system, holder }) => {
      system.signal(holder, part, 'SIGSTOP')
      await sleep(forMs)
      system.signal(holder, part, 'SIGCONT')
    },
    heal: () => {},
  }
}

/** Nothing passes between the holder and the peer, the arbiter, or both of them; the client reaches everybody. */
export function partitioned(from: 'peer' | 'arbiter' | 'both'): Fault {
  const cut = (scene: Scene) =>
    from === 'both' ? [peerOf(scene), scene.site.machines.arbiter] : [from === 'peer' ? peerOf(scene) : scene.site.machines.arbiter]
  return {
    name: `partition from ${from}`,
    inject: (scene) => {
      for (const machine of cut(scene)) {
        holderOf(scene).cutFrom(machine)
        machine.cutFrom(holderOf(scene))
      }
    },
    heal: mend,
  }
}

/** What the holder sends to the peer is lost, or what the peer sends to it; the other direction works. */
export function oneWay(lost: 'to the peer' | 'from the peer'): Fault {
  return {
    name: `one-way cut, lost ${lost}`,
    inject: (scene) => {
      if (lost === 'to the peer') peerOf(scene).cutFrom(holderOf(scene))
      else holderOf(scene).cutFrom(peerOf(scene))
    },
    heal: mend,
  }
}

/** The arbiter cannot be reached by anybody. */
export const arbiterDown: Fault = {
  name: 'arbiter down',
  inject: ({ site }) => site.machines.arbiter.unplug(),
  heal: ({ site }) => site.machines.arbiter.plug(),
}

function holderOf({ site, holder }: Scene): Machine {
  return site.machines[holder]
}

function peerOf({ site, other }: Scene): Machine {
  return site.machines[other]
}

function mend(scene: Scene): void {
  for (const machine of [holderOf(scene), peerOf(scene), scene.site.machines.arbiter]) machine.mend()
}

/** As many processes as burn two cores several times over, start others without end, and fill the memory. */
const HEAVY_PROFILE = '--cpu 4 --switch 4 --fork 4 --vm 2'.split(' ')

/** Puts all that runs on a machine ahead of what burns. */
const AHEAD = 'for pid in $(ip netns pids $(ip netns identify $$)); do chrt --all-tasks --rr --pid 1 $pid || true; done'

/** Every core burns for that long, but for those of the arbiter: that is another machine, which shares them here alone. */
export function heavyLoad(forMs: number): Fault {
  return {
    name: `every core burns for ${forMs} ms`,
    inject: async ({ system, site }) => {
      if (system.hasArbiter) site.machines.arbiter.execute('sh', ['-c', AHEAD])
      const parameters = [...HEAVY_PROFILE, '--timeout', `${Math.ceil(forMs / 1_000)}s`]
      // Whose processes they are does not matter: all of them have the same cores.
      await site.machines.client.run('stress-ng', parameters).ended
    },
    heal: () => {},
  }
}
