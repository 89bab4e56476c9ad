import type { ProofOfOff, RunbookInput } from '@hotspare/runbook'
import type { ClusterConfig, ServiceConfig } from '../config/config.ts'
import { checkCommands } from './check-commands.ts'
import { offlinePlan, type OfflineMove } from './offline-plan.ts'
import { peopleFile } from './people-files.ts'
import { lookCheck } from './look-check.ts'
import { interfaceOn, withoutPrefix } from './vip-terms.ts'

export interface RunbookFacts {
  readonly cluster: ClusterConfig
  readonly service: ServiceConfig
  readonly move: OfflineMove
  readonly generatedAtMs: number
  readonly version: string
}

/**
 * What a runbook of one service is printed from, with the real values of the file.
 *
 * @throws HotspareError `HOTSPARE_APP_USAGE` for a move from or to a node that is no member of the service
 */
export function runbookInput({ cluster, service, move, generatedAtMs, version }: RunbookFacts): RunbookInput {
  const { from, to, isDead } = move
  const base = {
    plan: offlinePlan(cluster, service, move),
    nodes: cluster.nodes.map(({ name, peer, site }) => {
      return { name, site, reach: `ssh root@${peer.host}`, holdFile: peopleFile(cluster.state, 'hold') }
    }),
    hold: { because: `${service.name} is moved to ${to} by hand` },
    service: { onControlLoss: service.onControlLoss, impact: impactOf(service, isDead), finalChecks: finalChecks(service) },
    generatedAtMs,
    version,
  }
  if (!isDead) return { mode: 'switchover', ...base }
  return { mode: 'manual-takeover', off: [from], proofOfOff: proofsOf(service, from), ...base }
}

function impactOf({ onControlLoss }: ServiceConfig, isDead: boolean): string {
  if (isDead) return 'The service is down until the last step is done.'
  return onControlLoss === 'keep'
    ? 'None, if every step works.'
    : 'New connections fail from the first step to the last; open ones are reset.'
}

/** Of several, any one is enough. */
function proofsOf({ resources }: ServiceConfig, node: string): readonly ProofOfOff[] {
  const variable = `BMC_OF_${node.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`
  const power = `ipmitool -I lanplus -H "$${variable}" -U admin -a chassis power status`
  const own = resources.map((resource) => {
    const link = interfaceOn(resource, node)
    const look = `ip -o address show dev ${link} to ${withoutPrefix(resource.address)}`
    // What is kept is still there when Hotspare has gone.
    return {
      look,
      manual: ['systemctl disable --now hotspare', `ip address delete ${resource.address} dev ${link} 2>/dev/null || true`, look],
    }
  })
  return [
    {
      node,
      what: `${node} has no power. Set ${variable} to the address of its management controller; without one, pull both cables and type the check at its console.`,
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

function finalChecks(service: ServiceConfig) {
  const look = lookCheck(service)
  if (!look) return []
  return [{ what: `${service.name} answers at its address.`, on: 'any machine outside', verification: checkCommands(look).verification }]
}
