import type { Resource } from '@hotspare/core/plan'
import { refused } from '../local-steps.ts'
import type { VirtualAddressOptions } from './virtual-address.ts'

/** What a driver of a provider does, with the faults of this machine's actuators before it, and told of as other addresses are. */
export function movedAddress(
  resource: Resource,
  { service, kernel, trouble, acquired, released }: Pick<VirtualAddressOptions, 'service' | 'kernel' | 'trouble' | 'acquired' | 'released'>,
): Resource {
  return {
    ...resource,
    observe: (options) => resource.observe(options),
    async acquire(right, options) {
      const problem = await trouble('acquire')
      if (problem !== undefined) return refused(problem)
      const outcome = await resource.acquire(right, options)
      if (outcome.ok) acquired(right)
      return outcome
    },
    async release(options) {
      const beganMs = kernel.nowMs
      const problem = await trouble('release')
      if (problem !== undefined) return refused(problem)
      const wasHere = kernel.holds(service)
      const outcome = await resource.release(options)
      if (outcome.ok && wasHere) released(beganMs)
      return outcome
    },
  }
}
