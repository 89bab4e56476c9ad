import type { ProofOfOff, RunbookInput } from '@hotspare/runbook'
import { type ClusterConfig, isOnInterface, type ServiceConfig } from '../../config/config.ts'
import { isCloud } from '../../config/config-cloud.ts'
import type { FencingConfig } from '../../config/config-fencing.ts'
import { checkCommands } from './check-commands.ts'
import { fenceInstruction } from '../fencing/instructions.ts'
import { offlinePlan, type OfflineMove } from './offline-plan.ts'
import { peopleFile } from '../people-files.ts'
import { lookCheck } from '../look-check.ts'
import { shownOrder } from '../recovery-order.ts'
import { interfaceOn, withoutPrefix } from '../resources/vip-terms.ts'

export interface RunbookFacts {
  readonly cluster: ClusterConfig
  readonly service: ServiceConfig
  readonly move: OfflineMove
  readonly fencing?: FencingConfig | undefined
  /** All services of the file. Default: this one */
  readonly services?: readonly ServiceConfig[] | undefined
  readonly generatedAtMs: number
  readonly version: string
}

/**
 * What a runbook of one service is printed from, with the real values of the file.
 *
 * @throws HotspareError `HOTSPARE_APP_USAGE` for a move from or to a node that is no member of the service
 */
export function runbookInput({ cluster, service, services = [], move, fencing, generatedAtMs, version }: RunbookFacts): RunbookInput {
  const { from, to, isDead } = move
  const base = {
    plan: offlinePlan(cluster, service, move, fencing),
    nodes: cluster.nodes.map(({ name, peer, site }) => {
      return { name, site, reach: `ssh root@${peer.host}`, holdFile: peopleFile(cluster.state, 'hold') }
    }),
    hold: { because: `${service.name} is moved to ${to} by hand` },
    service: {
      onControlLoss: service.onControlLoss,
      impact: impactOf(service, isDead),
      finalChecks: finalChecks(service),
      recoveryOrder: shownOrder(services),
    },
    generatedAtMs,
    version,
  }
  if (!isDead) return { mode: 'switchover', ...base }
  return { mode: 'manual-takeover', off: [from], proofOfOff: proofsOf(service, from, fencing), ...base }
}

function impactOf({ onControlLoss }: ServiceConfig, isDead: boolean): string {
  if (isDead) return 'The service is down until the last step is done.'
  return onControlLoss === 'keep'
    ? 'None, if every step works.'
    : 'New connections fail from the first step to the last; open ones are reset.'
}

/** Of several, any one is enough. */
function proofsOf({ resources }: ServiceConfig, node: string, fencing: FencingConfig | undefined): readonly ProofOfOff[] {
  const variable = `BMC_OF_${node.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`
  const power = `ipmitool -I lanplus -H "$${variable}" -U admin -a chassis power status`
  const own = resources.flatMap((resource) => {
    // Who has it is the provider's to say, and a takeover takes it away.
    if (!isOnInterface(resource)) return []
    const link = interfaceOn(resource, node)
    const look = `ip -o address show dev ${link} to ${withoutPrefix(resource.address)}`
    // What is kept is still there when Hotspare has gone.
    return {
      look,
      // A keepalived that lives would put it there again.
      manual: [
        'systemctl disable --now hotspare',
        ...(resource.type === 'keepalived' ? ['systemctl stop keepalived'] : []),
        `ip address delete ${resource.address} dev ${link} 2>/dev/null || true`,
        look,
      ],
    }
  })
  const isFenced = (fencing?.nodes[node]?.length ?? 0) > 0
  // A rented machine has no controller that people reach, and no cables.
  const rented = resources.some(isCloud)
    ? ' Of a rented machine, its provider has to say that it is stopped: look at the console there.'
    : ''
  return [
    ...(isFenced ? [fencedProof(node, fencing)] : []),
    {
      node,
      what: `${node} has no power. Set ${variable} to the address of its management controller; without one, pull both cables and type the check at its console.${rented}`,
      manual: [power],
      verification: { command: power, expect: 'Chassis Power is off' },
    },
    ...own.map(({ look, manual }): ProofOfOff => ({
      node,
      on: `the console of ${node}`,
      what: `${node} runs, its Hotspare is stopped for good, and it does not have the address.`,
      manual,
      verification: { command: look, expect: '^$' },
    })),
  ]
}

/** The device that the file names for it is nearer than anything that people have to look up. */
function fencedProof(node: string, fencing: FencingConfig | undefined): ProofOfOff {
  const { manual, verification } = fenceInstruction(fencing, node)
  return { node, what: `${node} is switched off by its fence device, and the device says so.`, manual, verification }
}

function finalChecks(service: ServiceConfig) {
  const look = lookCheck(service)
  if (!look) return []
  return [{ what: `${service.name} answers at its address.`, on: 'any machine outside', verification: checkCommands(look).verification }]
}
