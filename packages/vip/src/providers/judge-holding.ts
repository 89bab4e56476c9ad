import type { ResourceState } from '@hotspare/core/plan'
import type { Holding } from './provider.ts'

/** How an address stands on a node, by what its provider says. Pure. */
export function judgeHolding(
  { places }: Holding,
  own: string,
  members: ReadonlyMap<string, string>,
): { readonly state: ResourceState; readonly because: string } {
  const holders = [...new Set(places.map(({ holder }) => holder))]
  const shown = holders.map((holder) => (holder === undefined ? 'nobody' : (members.get(holder) ?? holder)))
  if (holders.every((holder) => holder === own)) return { state: 'held', because: `the provider gives it to ${own}` }
  const stranger = holders.find((holder) => holder !== undefined && !members.has(holder))
  if (stranger !== undefined) return { state: 'foreign', because: `${stranger} has it, which belongs to no member` }
  if (holders.length > 1) return { state: 'absent', because: `only a part of it is in one place: ${shown.join(' and ')} have it` }
  return { state: 'absent', because: `${shown[0]} has it` }
}
