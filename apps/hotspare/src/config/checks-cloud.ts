import type { DraftService } from './checks-cluster.ts'
import { cloudName, isCloud } from './config-cloud.ts'
import type { FileView } from './issues.ts'
import { type Finding, quote } from './problem.ts'
import { suggestion } from './suggest.ts'

/** Addresses of clouds: each member has one target of its own, and each address follows one service. */
export function cloudContradictions(services: readonly DraftService[], view: FileView): Finding[] {
  const owners = new Map<string, string>()
  return services.flatMap(({ name, service }) =>
    (service?.resources ?? []).flatMap((resource, index) => {
      if (!service || !isCloud(resource)) return []
      const path = ['services', name, 'resources', index]
      const id = cloudName(resource)
      const owner = owners.get(id)
      owners.set(id, owner ?? name)
      const whose = owner === name ? 'this service already has the address' : `the service ${owner} already has this address`
      return [
        ...(owner === undefined ? [] : [{ path: [...path, 'type'], message: whose, hint: 'an address follows one service' }]),
        ...targetContradictions({ name, members: service.members, targets: resource.targets, path: [...path, 'targets'] }, view),
      ]
    }),
  )
}

interface PlacedTargets {
  readonly name: string
  readonly members: readonly string[]
  readonly targets: Readonly<Record<string, string>>
  readonly path: readonly (string | number)[]
}

function targetContradictions({ name, members, targets, path }: PlacedTargets, view: FileView): Finding[] {
  // Names that came from outside are not repeated.
  const known = members.filter((_, at) => view.reference(['services', name, 'members', at]) === undefined)
  const missing = members.filter((member) => !Object.hasOwn(targets, member))
  const named = missing.filter((member) => known.includes(member))
  const strange = Object.keys(targets).filter((key) => !members.includes(key))
  const values = Object.entries(targets)
  const twice = values.filter(([, target], at) => values.findIndex(([, other]) => other === target) < at)
  return [
    ...(missing.length === 0
      ? []
      : [
          { path, message: 'the target of a member is missing', hint: named.length === 0 ? undefined : `write it for ${named.join(', ')}` },
        ]),
    ...strange.map((key) => ({
      path,
      at: { keyInside: key },
      message: `${quote(key)} is no member of this service`,
      hint: suggestion(key, known, 'its members'),
    })),
    ...twice.map(([key]) => ({ path: [...path, key], message: 'another member has this target', hint: 'each member has its own' })),
  ]
}
