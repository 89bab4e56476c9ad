import { hostAndPort } from '../config/addresses.ts'
import { isOnInterface, type ServiceCheckConfig, type ServiceConfig } from '../config/config.ts'
import { withoutPrefix } from './resources/vip-terms.ts'

/** The pace of looks at a service's address: a site that has gone is known to have before a takeover could be due. */
export const LOOK_MS = 100
/** One lost packet must not look like a dead site. */
export const LOOK_FALL = 2

/**
 * The same check against the service's address, wherever that is; undefined for a service without one, and for a check that looks
 * at nothing but its own machine. What a provider moves is often on an interface of every member, so that each would reach itself.
 */
export function lookCheck({ check, resources }: Pick<ServiceConfig, 'check' | 'resources'>): ServiceCheckConfig | undefined {
  const moving = resources.find((each) => isOnInterface(each))
  if (!moving) return undefined
  const address = withoutPrefix(moving.address)
  if (!('url' in check)) return 'host' in check ? { ...check, host: address } : undefined
  const { url, host } = moved(check.url, address)
  if (check.type === 'http') return { ...check, url, host: check.host ?? host }
  const headers = { host, ...lowerCase(check.options.headers) }
  // Each for itself: together they would be a probe of either kind with the options of the other.
  if (check.type === 'metric') return { ...check, url, options: { ...check.options, headers } }
  return { ...check, url, options: { ...check.options, headers } }
}

/** Where else to ask, by the name that was asked before. */
function moved(text: string, address: string): { readonly url: string; readonly host: string } {
  const url = new URL(text)
  const { host, protocol, port } = url
  const usualPort = protocol === 'https:' || protocol === 'wss:' ? 443 : 80
  url.host = hostAndPort({ host: address, port: Number(port || usualPort) })
  return { url: url.href, host }
}

/** So that a host of the file's own overrules ours, however it is spelled. */
function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
