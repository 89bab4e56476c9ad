import type { Resource, ResourceState } from '@hotspare/core/plan'
import type { NodeReport } from '../facts.ts'
import type { FencePort, GrantedRight } from '../ports.ts'
import type { ServiceDefinition } from '../service.ts'
import { readReport } from '../wire.ts'
import type { Mutations } from './mutations.ts'

/** A right that does not say when it has ended, as the mutations want it. */
export function mutatedRight(right: GrantedRight, { withoutTokenCheck, withoutLastLook }: Mutations): GrantedRight {
  if (!withoutTokenCheck && !withoutLastLook) return right
  return {
    token: right.token,
    get deadlineMs() {
      return right.deadlineMs
    },
    signal: right.signal,
    isValid: () => withoutTokenCheck === true || right.isValid(),
    confirm: async (options) => withoutLastLook === true || right.confirm(options),
    release: (options) => right.release(options),
    handOver: async (invitation, options) => right.handOver?.(invitation, options),
  }
}

/** What a peer says of itself, as if it had said that all is well. */
export function flatteredReport(body: unknown): NodeReport {
  const { services, ...rest } = readReport(body)
  const well = { state: 'up', because: 'it is flattered' } as const
  return {
    ...rest,
    maintenance: undefined,
    services: Object.fromEntries(Object.entries(services).map(([name, report]) => [name, { ...report, check: well, unfit: undefined }])),
  }
}

/** A service as if the file said less of it. */
export function mutatedDefinition(
  definition: ServiceDefinition,
  { withoutCompany, withoutOrder }: Pick<Mutations, 'withoutCompany' | 'withoutOrder'>,
): ServiceDefinition {
  return {
    ...definition,
    ...(withoutCompany ? { with: undefined } : {}),
    ...(withoutOrder ? { after: undefined } : {}),
  }
}

/** A device that says that it has done its work. */
export function untrueFence(fence: FencePort): FencePort {
  return {
    isOff: (node) => fence.isOff(node),
    fence: async (node) => ({ ok: true, detail: `${node} is said to be off` }),
  }
}

/** A resource that is never looked at: what is known of it is what was done to it. */
export function unseenResource(resource: Resource): Resource {
  let state: ResourceState = 'absent'
  return {
    ...resource,
    observe: async (options) => ({ ...(await resource.observe(options)), state }),
    acquire: async (right, options) => {
      const outcome = await resource.acquire(right, options)
      if (outcome.ok) state = 'held'
      return outcome
    },
    release: async (options) => {
      const outcome = await resource.release(options)
      if (outcome.ok) state = 'absent'
      return outcome
    },
  }
}
