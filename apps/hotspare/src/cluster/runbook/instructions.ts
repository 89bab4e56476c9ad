import type { Resource } from '@hotspare/core/plan'
import type { Instructions, TimedInstruction } from '@hotspare/failover'
import type { ServiceConfig } from '../../config/config.ts'
import type { FencingConfig } from '../../config/config-fencing.ts'
import { checkCommands } from './check-commands.ts'
import { fenceInstruction } from '../fencing/instructions.ts'
import { peopleFile } from '../people-files.ts'

export interface InstructionParts {
  /** How other nodes are switched off, where the file says it. */
  readonly fencing?: FencingConfig | undefined
  readonly service: Pick<ServiceConfig, 'name' | 'check'>
  readonly resources: readonly Pick<Resource, 'id' | 'allowedMs' | 'instruction'>[]
  /** `cluster.state` */
  readonly stateFolder: string
  /** How long a lease may take to be had once it can be, and to be given back, in milliseconds. */
  readonly leaseMs: number
}

/** One call and its way there and back: the node only looks at what it knows. */
const PREPARE_MS = 2_000

/** Every step of a service's plans in words and commands: for the executor's limits and for people. */
export function instructionsFor({ service, resources, stateFolder, leaseMs, fencing }: InstructionParts): Instructions {
  const hold = peopleFile(stateFolder, 'hold')
  return {
    prepare: (node) => ({
      what: `Make sure that ${node} could serve ${service.name}: its own check passes there.`,
      ...checkCommands(service.check),
      allowedMs: PREPARE_MS,
    }),
    lease: (verb, node) => ({
      what:
        verb === 'take'
          ? `Take the lease of ${service.name} for ${node}. By hand, the hold on every node stands in for it: no machine acts meanwhile.`
          : `Give the lease of ${service.name} back on ${node}. By hand, the hold on every node stands in for it: no machine acts meanwhile.`,
      manual: [`cat ${hold}`],
      verification: { command: `test -e ${hold} && echo held`, expect: '^held$' },
      allowedMs: leaseMs,
    }),
    fence: (target) => fenceInstruction(fencing, target),
    resource(id, verb, node): TimedInstruction {
      const resource = resources.find((each) => each.id === id)
      if (!resource) throw new Error(`${service.name} has no resource ${id}`)
      return { ...resource.instruction(verb, node), allowedMs: resource.allowedMs[verb] }
    },
  }
}
