import { type Answer, type Ask, recordsOf, type ServerAddress } from './answer.ts'
import type { Place } from './board.ts'
import { verifyDefaults } from './defaults.ts'
import { lameness } from './judge.ts'

/** How the name servers of a zone are found. */
export interface Finding {
  readonly zone: string
  readonly ask: Ask
  /** Who finds names out for us. */
  readonly resolvers: readonly ServerAddress[]
  /** Whether the parent is asked for its delegation, or the servers to ask for it. */
  readonly parent: boolean | readonly ServerAddress[]
  /** Where name servers listen. */
  readonly port: number
}

/** Who serves a zone, by the word of its parent and by its own. */
export interface Delegation {
  /** The names in the parent's delegation, sorted; undefined where it was not asked, or did not answer. */
  readonly parent: readonly string[] | undefined
  /** The names in the zone itself, as its servers tell; undefined where none did. */
  readonly child: readonly string[] | undefined
  readonly places: readonly Place[]
  /** What was not found out, and why. */
  readonly gaps: readonly string[]
}

interface Referral {
  readonly names: readonly string[]
  /** Addresses that came with it. */
  readonly glue: ReadonlyMap<string, readonly string[]>
}

/** Asks for the name servers of a zone. Whatever is not found out is a gap, never an error; it rejects with the reason of the signal alone. */
export async function findNameServers(finding: Finding, options: { readonly signal?: AbortSignal | undefined }): Promise<Delegation> {
  const { zone, resolvers } = finding
  const { signal } = options
  const gaps: string[] = []
  const [delegated, resolved] = await Promise.all([askParent(finding, gaps, signal), resolve(finding, zone, 'NS', signal)])
  const known = sorted([...(delegated?.names ?? []), ...resolved])
  if (known.length === 0)
    gaps.push(resolvers.length === 0 ? 'no resolver to ask' : `no NS records of ${zone} at ${resolvers.length} resolvers`)
  const addresses = new Map<string, readonly string[]>()
  await addAddresses(finding, known, delegated?.glue, addresses, gaps, signal)
  const own = await askChild(finding, addresses, signal)
  // The zone may name servers that its parent does not know yet.
  await addAddresses(finding, own ?? [], delegated?.glue, addresses, gaps, signal)
  const parent = delegated?.names
  return { parent, child: own, places: placesOf(addresses, parent, own, finding.port), gaps }
}

/** The delegation, as a server of the parent zone has it. */
async function askParent(finding: Finding, gaps: string[], signal: AbortSignal | undefined): Promise<Referral | undefined> {
  const { zone, ask, parent } = finding
  if (parent === false) return undefined
  const servers = parent === true ? await parentServers(finding, signal) : parent
  let asked = 0
  for (const server of servers) {
    const reply = await ask({ server, name: zone, type: 'NS' }, { signal })
    const referral = reply.kind === 'answer' ? referralOf(reply.answer, zone) : undefined
    if (referral) return referral
    // An address family that this machine does not have costs no time.
    if (!(reply.kind === 'silent' && reply.here)) asked++
    if (asked === verifyDefaults.parentsAsked) break
  }
  gaps.push(servers.length === 0 ? 'no server of the parent zone was found' : 'no server of the parent zone told its delegation')
  return undefined
}

/** The addresses of the servers of the nearest zone above. */
async function parentServers(finding: Finding, signal: AbortSignal | undefined): Promise<readonly ServerAddress[]> {
  const labels = finding.zone.split('.')
  for (let cut = 1; cut <= labels.length; cut++) {
    const above = labels.slice(cut).join('.') || '.'
    const names = await resolve(finding, above, 'NS', signal)
    if (names.length === 0) continue
    const questions = ['A', 'AAAA'].flatMap((type) => names.slice(0, verifyDefaults.parentsAsked).map((name) => ({ name, type })))
    const found = await Promise.all(questions.map(({ name, type: of }) => resolve(finding, name, of, signal)))
    return found.flat().map((address) => ({ address, port: finding.port }))
  }
  return []
}

/** A server that has both zones answers for the child; any other refers to it. */
function referralOf(answer: Answer, zone: string): Referral | undefined {
  if (answer.rcode !== 'NOERROR') return undefined
  const own = recordsOf(answer.answers, zone, 'NS')
  const records = own.length > 0 ? own : recordsOf(answer.authorities, zone, 'NS')
  if (records.length === 0) return undefined
  const names = sorted(records.map(({ value }) => value))
  const glue = new Map(
    names.map((name) => [name, ['A', 'AAAA'].flatMap((type) => recordsOf(answer.additionals, name, type).map(({ value }) => value))]),
  )
  return { names, glue }
}

/** What the servers say themselves; undefined where none of them speaks for the zone. */
async function askChild(
  { zone, ask, port }: Finding,
  addresses: ReadonlyMap<string, readonly string[]>,
  signal: AbortSignal | undefined,
): Promise<readonly string[] | undefined> {
  const servers = [...addresses.values()].flat().slice(0, verifyDefaults.mostServers)
  const asked = await Promise.all(servers.map((address) => ask({ server: { address, port }, name: zone, type: 'NS' }, { signal })))
  const told = asked.flatMap((reply) => (reply.kind === 'answer' && lameness(reply.answer) === undefined ? [reply.answer] : []))
  const names = told.flatMap((answer) => recordsOf(answer.answers, zone, 'NS').map(({ value }) => value))
  return names.length === 0 ? undefined : sorted(names)
}

async function addAddresses(
  finding: Finding,
  names: readonly string[],
  glue: Referral['glue'] | undefined,
  addresses: Map<string, readonly string[]>,
  gaps: string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const unknown = names.filter((name) => !addresses.has(name)).slice(0, verifyDefaults.mostServers)
  const found = await Promise.all(
    unknown.map(async (name) => {
      const both = await Promise.all([resolve(finding, name, 'A', signal), resolve(finding, name, 'AAAA', signal)])
      const resolved = sorted(both.flat())
      return resolved.length > 0 ? resolved : (glue?.get(name) ?? [])
    }),
  )
  for (const [index, name] of unknown.entries()) {
    addresses.set(name, found[index] ?? [])
    if (found[index]?.length === 0) gaps.push(`no address of ${name}`)
  }
}

/** Asks one resolver after the other, until one knows. */
async function resolve(finding: Finding, name: string, type: string, signal: AbortSignal | undefined): Promise<readonly string[]> {
  for (const server of finding.resolvers) {
    const asked = await finding.ask({ server, name, type, recursion: true }, { signal })
    if (asked.kind !== 'answer' || (asked.answer.rcode !== 'NOERROR' && asked.answer.rcode !== 'NXDOMAIN')) continue
    // At the end of an alias the records have another name.
    return asked.answer.answers.filter((record) => record.type === type).map(({ value }) => value)
  }
  return []
}

function placesOf(
  addresses: ReadonlyMap<string, readonly string[]>,
  parent: readonly string[] | undefined,
  child: readonly string[] | undefined,
  port: number,
): readonly Place[] {
  const places = [...addresses].flatMap(([name, list]) =>
    list.map((address) => ({ name, address, port, from: sourceOf(name, parent, child) })),
  )
  return places.slice(0, verifyDefaults.mostServers)
}

function sourceOf(name: string, parent: readonly string[] | undefined, child: readonly string[] | undefined): Place['from'] {
  const [above, own] = [parent?.includes(name) ?? false, child?.includes(name) ?? false]
  if (above && own) return 'both'
  return above ? 'parent' : 'child'
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].toSorted()
}
