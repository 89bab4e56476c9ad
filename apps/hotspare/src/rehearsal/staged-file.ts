import { formatDuration } from '@hotspare/core'
import { formatListen } from '../config/addresses.ts'
import type { Config, ServiceConfig } from '../config/config.ts'
import type { RehearsalPlan, RehearsalSecrets, StagedService } from './rehearsal-plan.ts'

const SECRET_ID = 1

interface StagedFileOptions {
  /** What the user's file says, as it was read. */
  readonly file: unknown
  readonly config: Pick<Config, 'cluster' | 'services'>
  readonly plan: RehearsalPlan
  readonly secrets: RehearsalSecrets
  readonly node: string
  /** For what has to outlive a restart. */
  readonly state: string
}

/**
 * The file of one node in the rehearsal: the user's own words wherever they can stand, so that what is rehearsed is what
 * runs; none of its secrets, and nothing that reaches anybody.
 *
 * @returns JSON, which is YAML
 */
export function stagedFile({ file, config, plan, secrets, node, state }: StagedFileOptions): string {
  const { nodes, heartbeat } = mapping(mapping(file)['cluster'])
  const services = plan.services.map((service) => [service.name, stagedServiceOf(file, config, plan, service)])
  return JSON.stringify({
    node,
    log: { format: 'json' },
    cluster: {
      nodes,
      ...(heartbeat === undefined ? {} : { heartbeat }),
      secret: secrets.cluster,
      arbiter: arbiterOf(plan, secrets),
      state,
    },
    services: Object.fromEntries(services),
  })
}

/** The file of the witness that plays the arbiter. */
export function witnessFile({ arbiter }: RehearsalPlan, { arbiter: secret }: RehearsalSecrets, file: string): string {
  const listen = arbiter && formatListen({ host: arbiter.address, port: arbiter.port })
  return JSON.stringify({ log: { format: 'json' }, witness: { listen, file, secrets: [{ id: SECRET_ID, secret }] } })
}

function arbiterOf({ arbiter }: RehearsalPlan, { arbiter: secret }: RehearsalSecrets): object {
  if (!arbiter) return { type: 'none', acceptSplitBrain: true }
  const url = `http://${formatListen({ host: arbiter.address, port: arbiter.port })}`
  return { type: 'witness', url, secret: { id: SECRET_ID, secret }, ttl: formatDuration(arbiter.ttlMs) }
}

/** Keys of a service that name others: those that take no part are nobody's business here. */
const NAMING = ['after', 'apartFrom'] as const
/** What is played by something else. */
const STAGED: ReadonlySet<string> = new Set(['check', 'resources', 'fencing', 'with', ...NAMING])

function stagedServiceOf(file: unknown, config: Pick<Config, 'services'>, plan: RehearsalPlan, service: StagedService): object {
  const written = mapping(mapping(mapping(file)['services'])[service.name])
  const resolved = config.services.find(({ name }) => name === service.name)
  const own = Object.entries(written).filter(([key]) => !STAGED.has(key))
  const takesPart = (name: unknown) => plan.services.some((each) => each.name === name)
  const named = NAMING.flatMap((key) => {
    const names = list(written[key]).filter(takesPart)
    return names.length > 0 ? [[key, names] as const] : []
  })
  return {
    ...Object.fromEntries(own),
    ...Object.fromEntries(named),
    ...(takesPart(written['with']) ? { with: written['with'] } : {}),
    check: resolved && checkOf(resolved, service),
    resources: list(written['resources']).filter((resource) => mapping(resource)['type'] === 'vip'),
  }
}

function checkOf({ check }: ServiceConfig, { port }: StagedService): object {
  const { intervalMs, fastIntervalMs, downIntervalMs, timeoutMs, rise, fall } = check
  return {
    type: 'tcp',
    address: `127.0.0.1:${port}`,
    ...durationKey('interval', intervalMs),
    ...durationKey('fastInterval', fastIntervalMs),
    ...durationKey('downInterval', downIntervalMs),
    ...durationKey('timeout', timeoutMs),
    rise,
    fall,
  }
}

/** Where there is one. */
function durationKey(key: string, ms: number | undefined): Readonly<Record<string, string>> {
  return ms === undefined ? {} : { [key]: formatDuration(ms) }
}

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
