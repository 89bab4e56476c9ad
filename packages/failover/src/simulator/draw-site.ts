import type { CapacityOptions } from '../room.ts'
import type { ServiceDefinition } from '../service.ts'
import type { Draws } from './draws.ts'
import type { Fault } from './fault.ts'
import type { FenceSpec, MovedSpec, ServiceSpec } from './schedule.ts'

/** What services have to do with each other: each with some that are before it, so that none waits for itself. */
export function drawTogether(draws: Draws, services: readonly ServiceSpec[]): readonly ServiceSpec[] {
  const drawn: ServiceSpec[] = []
  for (const service of services) {
    const other = drawn.length === 0 ? undefined : draws.pick(drawn).definition
    const definition = other ? drawRelation(draws, service.definition, other) : service.definition
    drawn.push({ ...service, definition: draws.chance(0.2) ? { ...definition, priority: draws.pick([-5, 5, 10]) } : definition })
  }
  return drawn
}

function drawRelation(draws: Draws, definition: ServiceDefinition, other: ServiceDefinition): ServiceDefinition {
  switch (draws.weighted([40, 20, 10, 30])) {
    case 1:
      return { ...definition, after: [other.name] }
    case 2:
      return { ...definition, apartFrom: [other.name] }
    case 3:
      // As the file has to have it: the same members, in an order of its own, and the same policy.
      return { ...definition, members: draws.rotated(other.members), onControlLoss: other.onControlLoss, with: other.name }
    default:
      return definition
  }
}

/** Who moves its address, and whether others are switched off before it is taken. */
export function drawOutside(draws: Draws, service: ServiceSpec, devices: boolean): ServiceSpec {
  const moved = draws.chance(0.1) ? drawMoved(draws) : undefined
  const isFenced = devices && draws.chance(0.7)
  const mode = draws.chance(0.7) ? 'required' : 'automatic'
  const startDelayMs = draws.pick([0, 500, 1_500])
  return {
    ...service,
    definition: isFenced ? { ...service.definition, fencing: { mode, startDelayMs } } : service.definition,
    ...(moved ? { moved } : {}),
  }
}

function drawMoved(draws: Draws): MovedSpec {
  return {
    provider: draws.pick(['east', 'west']),
    shape: draws.pick(['atomic', 'release-then-take']),
    takesMs: draws.between(50, 800),
    answerMs: draws.between(5, 100),
    allowedMs: { acquire: 4_000, release: 2_500 },
    lookEveryMs: 1_000,
  }
}

export function drawDevices(draws: Draws, names: readonly string[]): Readonly<Record<string, FenceSpec>> {
  const device = (): FenceSpec => ({
    takesMs: draws.between(50, 1_200),
    allowedMs: draws.pick([1_500, 2_500]),
    ...(draws.chance(0.5) ? { backMs: draws.between(300, 2_000) } : {}),
  })
  return Object.fromEntries(names.map((name) => [name, device()]))
}

export function drawCapacity(draws: Draws, names: readonly string[], services: readonly ServiceSpec[]): CapacityOptions | undefined {
  if (!draws.chance(0.15)) return undefined
  const some = (all: readonly string[], amounts: readonly number[]) =>
    Object.fromEntries(all.flatMap((name) => (draws.chance(0.7) ? [[name, draws.pick(amounts)]] : [])))
  return {
    nodes: some(names, [50, 100]),
    loads: some(
      services.map(({ definition }) => definition.name),
      [30, 60],
    ),
  }
}

/** What goes wrong outside of the nodes, where there is something. */
export function drawOutsideFaults(
  draws: Draws,
  { names, services, devices }: { readonly names: readonly string[]; readonly services: readonly ServiceSpec[]; readonly devices: boolean },
  [fromMs, untilMs]: readonly [number, number],
): readonly Fault[] {
  const moved = services.flatMap((service) => service.moved ?? [])
  const lasting = (chance: number) =>
    draws.chance(chance) ? [{ atMs: Math.round(draws.between(fromMs, untilMs)), forMs: draws.between(300, 4_000) }] : []
  return [
    ...moved.flatMap(({ provider }) => lasting(0.4).map((when): Fault => ({ type: 'provider-down', provider, ...when }))),
    ...moved.flatMap(({ provider }) =>
      lasting(0.3).map((when): Fault => ({ type: 'provider-slow', provider, byMs: draws.between(100, 2_000), ...when })),
    ),
    ...(devices ? names : []).flatMap((node) => lasting(0.3).map((when): Fault => ({ type: 'fence-dead', node, ...when }))),
    ...(devices ? names : []).flatMap((node) =>
      lasting(0.2).map((when): Fault => ({ type: 'fence-slow', node, byMs: draws.between(100, 1_500), ...when })),
    ),
  ]
}
