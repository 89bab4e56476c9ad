import { z } from 'zod'
import type { ClusterConfig, NamedSecret, NodeConfig, PeerAddress, WitnessConfig } from './config.ts'
import { defaults, limits } from './defaults.ts'
import { readPeer } from './ip-addresses.ts'
import { type ArbiterInput, arbiterSchema, type ParsedArbiter } from './schema-arbiter.ts'
import {
  absolutePathSchema,
  amountSchema,
  durationSchema,
  listenSchema,
  memberNameSchema,
  nameSchema,
  readable,
  secretSchema,
  secretsSchema,
} from './schema-scalars.ts'

export interface ClusterInput {
  readonly nodes: Record<string, NodeInput>
  readonly secret?: string | undefined
  readonly secrets?: NamedSecret[] | undefined
  readonly heartbeat?:
    | {
        readonly interval?: string | undefined
        readonly timeout?: string | undefined
        readonly promise?: { readonly detect: string; readonly falseAlarmsPerYear: number } | undefined
      }
    | undefined
  readonly arbiter: ArbiterInput
  readonly state?: string | undefined
}

export interface NodeInput {
  readonly peer: string
  readonly site?: string | undefined
  readonly capacity?: number | undefined
  readonly paths?: string[] | undefined
}

export interface WitnessInput {
  readonly listen: string
  readonly file: string
  readonly secrets: NamedSecret[]
}

/** A node before it knows its name. */
export type ParsedNode = Omit<NodeConfig, 'name'>

export interface ParsedCluster extends Omit<ClusterConfig, 'nodes' | 'arbiter'> {
  readonly nodes: Readonly<Record<string, ParsedNode>>
  readonly arbiter: ParsedArbiter
}

const peerSchema: z.ZodType<PeerAddress, string> = readable(readPeer, {
  title: 'peer address',
  examples: ['10.0.0.1:7401', '[fd00::1]:7401'],
})

export const nodeSchema: z.ZodType<ParsedNode, NodeInput> = z
  .strictObject({
    peer: peerSchema.describe('Where the other nodes find this one: heartbeats by UDP and the peer channel by TCP, on one port.'),
    site: nameSchema.optional().describe('The data centre that the node stands in.'),
    capacity: amountSchema
      .optional()
      .describe('What the node can carry, in units of your own: those of `load` of the services. Without it the node is not counted.'),
    paths: z
      .array(peerSchema)
      .max(limits.paths)
      .prefault([])
      .describe('Further addresses of the node for heartbeats alone, in the same order of networks on all nodes.'),
  })
  .transform(({ site, capacity, ...rest }) => ({ ...rest, site, ...(capacity === undefined ? {} : { capacity }) }))

export const heartbeatSchema: z.ZodType<ClusterConfig['heartbeat'], NonNullable<ClusterInput['heartbeat']>> = z
  .strictObject({
    interval: durationSchema('10ms', '1m').prefault(defaults.heartbeat.interval).describe('From one heartbeat to the next.'),
    timeout: durationSchema('30ms', '1h')
      .optional()
      .describe(
        `A node that was silent for so long counts as dead; at least 3 intervals. Default: ${defaults.heartbeat.timeoutBeats} intervals.`,
      ),
    promise: z
      .strictObject({
        detect: durationSchema('60ms', '1h').describe(
          'The longest time from the last heartbeat of a node to the verdict that it is dead: interval and timeout together are not longer.',
        ),
        falseAlarmsPerYear: z
          .number()
          .positive()
          .max(1_000_000)
          .describe('How often a year, in the whole cluster, a node that is alive may be taken for dead.'),
      })
      .optional()
      .describe(
        'What interval and timeout are to keep. `hotspare calibrate` chooses them for it by what the daemon measures, and the daemon warns when what it measures says otherwise.',
      ),
  })
  .transform(({ interval, timeout, promise }) => ({
    intervalMs: interval,
    promise: promise && { detectMs: promise.detect, falseAlarmsPerYear: promise.falseAlarmsPerYear },
    detector: { type: 'timeout', timeoutMs: timeout ?? interval * defaults.heartbeat.timeoutBeats },
  }))

export const clusterSchema: z.ZodType<ParsedCluster, ClusterInput> = z
  .strictObject({
    nodes: z
      .record(memberNameSchema, nodeSchema)
      .refine((nodes) => Object.keys(nodes).length >= 2, { error: 'a cluster needs at least two nodes' })
      .refine((nodes) => Object.keys(nodes).length <= limits.clusterNodes, {
        error: `a cluster takes at most ${limits.clusterNodes} nodes`,
      })
      .describe('The machines that run Hotspare, by name. The same on all of them.'),
    secret: secretSchema
      .optional()
      .describe('What nodes prove to each other that they know: 16 bytes or more, from a generator. It becomes the secret with id 1.'),
    secrets: secretsSchema(limits.clusterSecrets)
      .optional()
      .describe('Instead of `secret`, while one is replaced: the first signs, all are accepted.'),
    heartbeat: heartbeatSchema.prefault({}).describe('How nodes notice that another is gone.'),
    arbiter: arbiterSchema.describe('Where it is written down which node may act.'),
    state: absolutePathSchema.prefault(defaults.cluster.state).describe('The folder for what has to outlive a restart, such as holds.'),
  })
  .superRefine(({ secret, secrets }, context) => {
    if (secret === undefined && secrets === undefined) context.addIssue({ code: 'custom', path: ['secret'], message: '' })
  })
  .transform(({ secret, secrets, ...rest }) => ({ ...rest, secrets: secrets ?? (secret === undefined ? [] : [{ id: 1, secret }]) }))

export const witnessSchema: z.ZodType<WitnessConfig, WitnessInput> = z.strictObject({
  listen: listenSchema.describe('Where nodes ask, by HTTP.'),
  file: absolutePathSchema.describe('Where the leases are kept; its folder must be there. Never put an old copy back.'),
  secrets: secretsSchema(limits.witnessSecrets).describe(
    'What nodes and the witness prove to each other that they know: one, or two while one is replaced.',
  ),
})
