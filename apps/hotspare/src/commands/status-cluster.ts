import type { ClusterStatus, PeerStatus, ServiceStatus, SiteStatus } from '@hotspare/api'

/** The cluster as lines for a terminal: what people have said comes first, and of each service what needs people. */
export function formatCluster(
  { arbiter, hold, maintenance, peers, services, sites, off, watchdog }: ClusterStatus,
  node: string,
  age: (since: number) => string,
): string[] {
  return [
    ...(hold ? [`HOLD on ${node} for ${age(hold.since)}: ${hold.because}; automation is off until \`hotspare hold lift\``] : []),
    ...(maintenance ? [`MAINTENANCE on ${node} for ${age(maintenance.since)}: ${maintenance.because}`] : []),
    `cluster, arbiter ${arbiter}`,
    ...(watchdog ? [`  watchdog ${watchdog.path}: ${watchdog.isArmed ? 'armed' : 'NOT ARMED'}, ${watchdog.because}`] : []),
    ...(off ?? []).map(({ node: other, because, since }) => `  ${other} is OFF for ${age(since)}: ${because}`),
    ...(sites ?? []).map((each) => `  ${formatSite(each)}`),
    ...peers.map((peer) => `  ${formatPeer(peer, age)}`),
    ...services.flatMap((service) => formatService(service, age)),
  ]
}

function formatSite({ name, state, because, nodes, services }: SiteStatus): string {
  const shown = state === 'lost' ? 'LOST' : state
  const active = services.length === 0 ? 'nothing is active there' : `active there: ${services.join(', ')}`
  return `site ${name} (${nodes.join(', ')}): ${shown}, ${because}; ${active}`
}

function formatPeer(
  { name, site, address, alive, connected, agrees, hold, maintenance }: PeerStatus,
  age: (since: number) => string,
): string {
  const notes = [
    connected ? undefined : 'no channel',
    agrees === false ? 'OTHER CONFIGURATION' : undefined,
    hold ? `HOLD for ${age(hold.since)}: ${hold.because}` : undefined,
    maintenance === undefined ? undefined : `maintenance: ${maintenance}`,
  ].filter((note) => note !== undefined)
  return [
    `peer ${name}${site === undefined ? '' : ` (${site})`} at ${address}: ${alive.state} for ${age(alive.since)}, ${alive.because}`,
    ...notes,
  ].join('; ')
}

function formatService(service: ServiceStatus, age: (since: number) => string): string[] {
  const { name, role, active, token, automation, because, concern, lease, check, served, resources, candidates, lastPlan } = service
  return [
    `service ${name}: ${role} here${active === undefined ? ', active nowhere that this node knows' : `, active on ${active}`}${token === undefined ? '' : ` with token ${token}`}`,
    ...(automation.state === 'off' ? [`  AUTOMATION IS OFF: ${automation.because}`] : []),
    ...(concern === undefined ? [] : [`  NEEDS PEOPLE: ${concern}`]),
    `  why: ${because}`,
    `  lease ${lease.state} for ${age(lease.since)}: ${lease.because}`,
    `  check ${check.state} for ${age(check.since)}: ${check.because}; answers at its address: ${served.state}`,
    ...resources.map(({ id, state, since, because: why }) => `  ${id}: ${state} for ${age(since)}, ${why}`),
    ...candidates.map(({ node, eligible, because: why }) => `  ${node} ${eligible ? 'could' : 'could not'} be active: ${why}`),
    ...(lastPlan
      ? [`  last plan: ${lastPlan.purpose}, ${lastPlan.ok ? 'done' : 'FAILED'} in ${Math.round(lastPlan.tookMs)} ms: ${lastPlan.because}`]
      : []),
  ]
}
