import { relationsOf, type ServiceOrder } from '@hotspare/failover'
import type { DraftCluster } from './checks-cluster.ts'
import { unknownNames } from './checks-names.ts'
import { togetherContradictions } from './checks-together.ts'
import type { FileView } from './issues.ts'
import type { Finding } from './problem.ts'

/** Services that name others: those that there are not, themselves, or each other in a circle. */
export function orderContradictions(draft: DraftCluster, view: FileView): Finding[] {
  const { services } = draft
  const known = services.map(({ name }) => name)
  const all: ServiceOrder[] = services.map(({ name, service }) => ({
    name,
    after: service?.after,
    with: service?.with,
    priority: service?.priority,
  }))
  const circles = all.flatMap((each) => (relationsOf(each, all).isCircle ? [each.name] : []))
  const found = services.flatMap(({ name, service }) => {
    const places = (['after', 'apartFrom'] as const).flatMap((key) =>
      (service?.[key] ?? []).map((other, index) => ({ path: ['services', name, key, index], name: other, index, key })),
    )
    const leader = service?.with === undefined ? [] : [{ path: ['services', name, 'with'], name: service.with }]
    const itself = [...places, ...leader].filter((place) => place.name === name)
    return [
      ...unknownNames('service', [...places, ...leader], known, view),
      ...itself.map(({ path }) => ({ path, message: 'this is the service itself', hint: 'name another one, or leave it out' })),
      ...places
        .filter(({ key, index, name: other }) => (service?.[key] ?? []).indexOf(other) < index)
        .map(({ path }) => ({ path, message: 'this service is there twice', hint: 'once is enough' })),
      ...(circles.includes(name) && !itself.some(({ path }) => path[2] !== 'apartFrom')
        ? [
            {
              // Where it has both, one of them is enough to break the circle.
              path: ['services', name, service?.after === undefined ? 'with' : 'after'],
              message: 'by way of others it waits for itself',
              hint: 'nobody could ever take any of them: leave one of the words "after" or "with" out',
            },
          ]
        : []),
    ]
  })
  return circles.length > 0 ? found : [...found, ...togetherContradictions(draft, view)]
}
