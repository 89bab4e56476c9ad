import type { Alert } from '@hotspare/alert'
import { assertNever } from '@hotspare/core'
import type { ClusterEvent } from '../events.ts'

/** What the alarm of a service goes by. */
export function concernKey(service: string): string {
  return `service/${service}`
}

/** What the alarm of a site goes by. */
export function siteKey(site: string): string {
  return `site/${site}`
}

/** Whether an alarm is of a cluster, by its key. */
export function isClusterKey(key: string): boolean {
  return key.startsWith(concernKey('')) || key.startsWith(siteKey(''))
}

/** What people are told of a cluster: a service that needs them, and that it needs them no longer; a site that is lost, and back. */
export function clusterAlert(event: ClusterEvent, node: string): Alert | undefined {
  if (event.type === 'service-concern' || event.type === 'service-concern-ended') return serviceAlert(event, node)
  if (event.type === 'site-lost' || event.type === 'site-back') return siteAlert(event, node)
  return undefined
}

function serviceAlert(event: Extract<ClusterEvent, { readonly type: 'service-concern' | 'service-concern-ended' }>, node: string): Alert {
  const { type, at, service } = event
  const key = concernKey(service)
  const common = { id: `${key}/${type}/${at}`, key, type, at, severity: 'critical', labels: { node, service } } as const
  if (event.type === 'service-concern')
    return { ...common, status: 'firing', title: `${service} needs people, says ${node}`, text: event.because }
  return { ...common, status: 'resolved', title: `${service} needs people no longer, says ${node}`, text: 'What was wrong is over.' }
}

function siteAlert({ type, at, site, because }: Extract<ClusterEvent, { readonly type: 'site-lost' | 'site-back' }>, node: string): Alert {
  const key = siteKey(site)
  const common = { id: `${key}/${type}/${at}`, key, type, at, severity: 'critical', labels: { node, site }, text: because } as const
  switch (type) {
    case 'site-lost':
      return { ...common, status: 'firing', title: `site ${site} is lost, says ${node}` }
    case 'site-back':
      return { ...common, status: 'resolved', title: `site ${site} is lost no longer, says ${node}` }
    default:
      return assertNever(type)
  }
}
