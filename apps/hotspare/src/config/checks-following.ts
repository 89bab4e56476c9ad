import type { DraftService } from './checks-cluster.ts'
import { absoluteName } from './dns-names.ts'
import type { FileView } from './issues.ts'
import { type Finding, quote } from './problem.ts'
import type { ParsedFollowing } from './schema-following.ts'
import { suggestion } from './suggest.ts'

/** Records that follow: a value for each member and nobody else, and each record in one service. */
export function followingContradictions(services: readonly DraftService[], view: FileView): Finding[] {
  const owners = new Map<string, string>()
  return services.flatMap(({ name, service }) =>
    (service?.resources ?? []).flatMap((resource, index) => {
      if (!service || resource.type !== 'dns') return []
      const path = ['services', name, 'resources', index]
      const id = idOf(resource)
      const owner = owners.get(id)
      owners.set(id, owner ?? name)
      const whose = owner === name ? 'this service already has the record' : `the service ${owner} already has this record`
      return [
        ...(owner === undefined ? [] : [{ path: [...path, 'name'], message: whose, hint: 'a record follows one service' }]),
        ...memberFindings(resource, service.members, [...path, 'follows'], view.reference([...path, 'follows']) === undefined),
      ]
    }),
  )
}

function idOf({ provider, zone, name, recordType }: ParsedFollowing): string {
  return `${provider} ${absoluteName(name, zone)} ${recordType}`
}

function memberFindings(
  { follows }: ParsedFollowing,
  members: readonly string[],
  path: readonly (string | number)[],
  mayName: boolean,
): Finding[] {
  const missing = members.filter((member) => !Object.hasOwn(follows, member))
  const strange = Object.keys(follows).filter((key) => !members.includes(key))
  const hint = mayName ? `write it for ${missing.join(', ')}` : undefined
  return [
    ...(missing.length === 0 ? [] : [{ path, message: 'what it holds for a member is missing', hint }]),
    ...strange.map((key) => ({
      path,
      at: { keyInside: key },
      message: `${quote(key)} is no member of this service`,
      hint: suggestion(key, members, 'its members'),
    })),
  ]
}
