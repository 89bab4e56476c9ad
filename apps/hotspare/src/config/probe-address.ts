import { hostAndPort } from './addresses.ts'
import type { CheckProbeConfig, HealthConfig } from './config.ts'
import type { LocalProbe } from './config-probes.ts'

/** What a check looks at, for people: without what may be a secret. */
export function addressOf(check: CheckProbeConfig): string {
  if ('parts' in check) {
    const need = check.type === 'atLeast' ? `at least ${check.count}` : check.type
    return `${need} of ${check.parts.map(({ name }) => name).join(', ')}`
  }
  if (check.type === 'push') return 'what the job reports'
  if (check.type === 'metric') return `${check.options.series} at ${withoutQuery(check.url)}`
  if ('url' in check) return withoutQuery(check.url)
  if (check.type === 'dns') return `${check.options.name} ${check.options.type} at ${whereOf(check)}`
  return 'host' in check ? whereOf(check) : placeOf(check)
}

/** The same of a pool, whose targets each have an address of their own. */
export function addressAtTargets(health: HealthConfig): string {
  const port = health.port === undefined ? 'each target' : `port ${health.port} of each target`
  if (health.type === 'http') return `${health.method} ${withoutQuery(health.path)} of ${port}`
  if (health.type === 'metric') return `${health.options.series} at ${withoutQuery(health.path)} of ${port}`
  if (health.type === 'websocket') return `${withoutQuery(health.path)} of ${port}`
  return health.type === 'dns' ? `${health.options.name} ${health.options.type} at ${port}` : port
}

/** A token may stand in the query. */
function withoutQuery(url: string): string {
  return url.replace(/\?.*$/s, '')
}

function whereOf({ host, port }: { readonly host: string; readonly port: number | undefined }): string {
  return port === undefined ? host : hostAndPort({ host, port })
}

/** Without the arguments: there may be a token among them. */
function placeOf({ type, options }: LocalProbe): string {
  if (type === 'exec') return options.file
  const { what } = options
  const keys = ['path', 'resource', 'interface', 'device', 'array']
  const of = keys.map((key): unknown => Reflect.get(options, key)).find((each) => typeof each === 'string')
  return of === undefined ? what : `${what} of ${of}`
}
