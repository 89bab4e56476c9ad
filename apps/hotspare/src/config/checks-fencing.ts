import { watchdogProblem } from '@hotspare/fence/watchdog'
import { timingChain } from '@hotspare/lease'
import { watchdogTimes } from '../cluster/fencing/watchdog-times.ts'
import type { DraftCluster } from './checks-cluster.ts'
import { unknownNames } from './checks-names.ts'
import type { FileView } from './issues.ts'
import type { Finding } from './problem.ts'
import { fencingSchema, watchdogSchema } from './schema-fencing.ts'
import { valueAt } from './schema-guide.ts'

/** What of fencing and the watchdog cannot work with the rest of the file. */
export function fencingContradictions(draft: DraftCluster, view: FileView): Finding[] {
  return [...strangeNodes(draft, view), ...unfenced(draft, view), ...hastyWatchdog(draft, view)]
}

function strangeNodes({ nodes }: DraftCluster, view: FileView): Finding[] {
  const fenced = Object.keys(Object(valueAt(view.value, ['fencing', 'nodes'])))
  const known = nodes.map(({ name }) => name)
  if (known.length === 0) return []
  const places = fenced.map((name) => ({ path: ['fencing', 'nodes', name], name }))
  return unknownNames('node', places, known, view).map((finding) => ({ ...finding, at: 'key' as const }))
}

/** A service that asks for it, and what it would need. */
function unfenced({ services, arbiter }: DraftCluster, view: FileView): Finding[] {
  const written = valueAt(view.value, ['fencing'])
  const fencing = fencingSchema.safeParse(written).data
  return services.flatMap(({ name, service }) => {
    if (!service?.fencing) return []
    const path = ['services', name, 'fencing']
    if (arbiter?.type === 'none') {
      const hint = 'without an arbiter both halves of a cut cluster would switch the other one off; name an arbiter'
      return [{ path, message: 'fencing needs an arbiter', hint }]
    }
    if (written === undefined)
      return [{ path, message: 'no device is there to do it', hint: 'write the key "fencing" with the devices of each node' }]
    const missing = fencing ? service.members.filter((member) => !Object.hasOwn(fencing.nodes, member)) : []
    if (missing.length === 0 || service.members.length === 1) return []
    return [{ path, message: 'a member cannot be fenced', hint: `write its devices under fencing.nodes: ${missing.join(', ')}` }]
  })
}

/** The reset has to come before another node may act. */
function hastyWatchdog({ services, arbiter }: DraftCluster, view: FileView): Finding[] {
  const written = valueAt(view.value, ['watchdog'])
  const watchdog = written === undefined ? undefined : watchdogSchema.safeParse(written).data
  const releases = services.some(({ service }) => service?.onControlLoss === 'release')
  if (!watchdog || !releases || !arbiter || arbiter.type === 'none') return []
  const { ttlMs, marginMs, renewMs, callTimeoutMs } = timingChain({ ttlMs: arbiter.ttlMs }).timing
  const problem = watchdogProblem(watchdogTimes(watchdog), { rightMs: ttlMs - marginMs, renewMs: renewMs + callTimeoutMs })
  if (problem === undefined) return []
  const at = valueAt(written, ['timeout']) === undefined ? ['watchdog'] : ['watchdog', 'timeout']
  return [
    { path: at, message: 'the watchdog does not fit the lease', hint: `${problem}; a longer cluster.arbiter.ttl, or a shorter timeout` },
  ]
}
