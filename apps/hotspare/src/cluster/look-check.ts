import { hostAndPort } from '../config/addresses.ts'
import type { ServiceCheckConfig, ServiceConfig } from '../config/config.ts'
import { withoutPrefix } from './vip-terms.ts'

/** The same check against the service's address, wherever that is; undefined for a service without one. */
export function lookCheck({ check, resources }: Pick<ServiceConfig, 'check' | 'resources'>): ServiceCheckConfig | undefined {
  const vip = resources.find(({ type }) => type === 'vip')
  if (!vip) return undefined
  const address = withoutPrefix(vip.address)
  if (check.type === 'tcp') return { ...check, host: address }
  const url = new URL(check.url)
  const host = check.host ?? url.host
  url.host = hostAndPort({ host: address, port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)) })
  return { ...check, url: url.href, host }
}
