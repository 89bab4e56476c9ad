import { relationsOf, type ServiceOrder } from '@hotspare/failover'
import type { DraftCluster } from './checks-cluster.ts'
import { unknownNames } from './checks-names.ts'
import type { FileView } from './issues.ts'
import type { Finding } from './problem.ts'

/** Services that name others: those that there are not, themselves, or each other in a circle. */
export function orderContradictions({ services }: DraftCluster, view: FileView): Finding[] {
  const known = services.map(({ name }) => name)
  const all: ServiceOrder[] = services.map(({ name, service }) => ({ name, after: service?.after, priority: service?.priority }))
  return services.flatMap(({ name, service }) => {
    const places = (['after', 'apartFrom'] as const).flatMap((key) =>
      (service?.[key] ?? []).map((other, index) => ({ path: ['services', name, key, index], name: other, index, key })),
    )
    const isCircle = relationsOf({ name, after: service?.after, priority: service?.priority }, all).isCircle
    const itself = places.filter((place) => place.name === name)
    return [
      ...unknownNames('service', places, known, view),
      ...itself.map(({ path }) => ({ path, message: 'this is the service itself', hint: 'name another one, or leave it out' })),
      ...places
        .filter(({ key, index, name: other }) => (service?.[key] ?? []).indexOf(other) < index)
        .map(({ path }) => ({ path, message: 'this service is there twice', hint: 'once is enough' })),
      ...(isCircle && !itself.some(({ key }) => key === 'after')
        ? [
            {
              path: ['services', name, 'after'],
              message: 'by way of others it waits for itself',
              hint: 'nobody could ever take any of them: leave one of the words "after" out',
            },
          ]
        : []),
    ]
  })
}
