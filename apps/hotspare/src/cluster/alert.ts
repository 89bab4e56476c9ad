import type { Alert } from '@hotspare/alert'
import type { ClusterEvent } from './events.ts'

/** What the alarm of a service goes by. */
export function concernKey(service: string): string {
  return `service/${service}`
}

/** What people are told of a cluster: a service that needs them, and that it needs them no longer. */
export function clusterAlert(event: ClusterEvent, node: string): Alert | undefined {
  if (event.type !== 'service-concern' && event.type !== 'service-concern-ended') return undefined
  const { type, at, service } = event
  const key = concernKey(service)
  const common = { id: `${key}/${type}/${at}`, key, type, at, severity: 'critical', labels: { node, service } } as const
  if (event.type === 'service-concern')
    return { ...common, status: 'firing', title: `${service} needs people, says ${node}`, text: event.because }
  return { ...common, status: 'resolved', title: `${service} needs people no longer, says ${node}`, text: 'What was wrong is over.' }
}
