import { envoyRing, jumpHash, maglevTable, rendezvousRank, ringLookup, xxh64 } from '@hotspare/balance'
import { matrix } from './matrix.ts'
import { letters, sampleKeys } from './picks.ts'
import { ringPicture } from './ring-picture.ts'
import type { Picture } from './svg.ts'
import { vectors } from './vectors.ts'

/** The ring of the published vector, and four keys on it. */
export function ringHashPicture(): Picture {
  const { hosts = [], minimumRingSize } = vectors.envoyRing[0] ?? {}
  const points = envoyRing(
    hosts.map((key) => ({ key })),
    { minimumRingSize },
  )
  const names = letters(hosts.length)
  const keys = oneForEach(sampleKeys(40).map((name) => ({ name, hash: xxh64(name), owner: ringLookup(points, xxh64(name)) }))).slice(0, 4)
  return ringPicture({
    id: 'ring-hash',
    title: `Ring hash: ${points.length} points of ${hosts.length} targets, and where four keys go`,
    desc: `Clockwise from 0 the points belong to ${points.map(({ index }) => names[index]).join(', ')}. ${keys.map(({ name, owner }) => `The key ${name} goes to ${names[owner]}.`).join(' ')}`,
    caption: `The first of the published rings: ${names.map((name, index) => `${name} is ${hosts[index]}`).join(', ')}. A key (triangle) belongs to the next point clockwise.`,
    points,
    names,
    keys,
  })
}

/** The first key of each owner, so that they do not lie on top of each other. */
function oneForEach<Owned extends { readonly owner: number }>(keys: readonly Owned[]): Owned[] {
  return [...new Map(keys.toReversed().map((key) => [key.owner, key])).values()].toReversed()
}

/** Both tables of the paper. */
export function maglevPicture(): Picture {
  const [full, less] = vectors.maglevTable.filter(({ source }) => source.startsWith('Eisenbud'))
  if (!full || !less) throw new Error('the tables of the paper are not among the vectors')
  const namesOf = ({ hosts, size }: typeof full) =>
    Array.from(
      maglevTable(
        hosts.map((key) => ({ key })),
        { size },
      ),
      (place) => (hosts[place] ?? '').slice(0, 2),
    )
  const [before, after] = [namesOf(full), namesOf(less)]
  const gone = 'B1'
  const moved = before.map((name, slot) => name !== gone && name !== after[slot])
  return matrix({
    id: 'maglev',
    title: `Maglev: the table of the paper with three hosts, and without ${gone}`,
    caption: `A table of ${full.size}, as in the paper. Marked: ${moved.filter(Boolean).length} slot changes hands though its owner is still there.`,
    corner: 'slot',
    columns: before.map((_, slot) => String(slot)),
    rows: [
      { name: 'B0, B1, B2', cells: before.map((name) => ({ text: name })) },
      { name: `without ${gone}`, cells: after.map((name, slot) => ({ text: name, filled: moved[slot] })) },
    ],
    filledMeans: 'moved from a host that is still there',
  })
}

export function rendezvousPicture(): Picture {
  const names = letters(5)
  const hosts = names.map((key) => ({ key }))
  const out = 'b'
  return matrix({
    id: 'rendezvous',
    title: 'Rendezvous: in which order keys prefer targets',
    caption: `1 is where the key goes, 2 where it goes while that one is out. The last column: who serves it without ${out}; only what was ${out}'s has moved.`,
    corner: 'key',
    columns: [...names, `no ${out}`],
    rows: sampleKeys(8).map((name) => {
      const order = rendezvousRank(hosts, name)
      const without = order.map((index) => names[index] ?? '').find((id) => id !== out) ?? ''
      const moved = names[order[0] ?? -1] === out
      return {
        name,
        cells: [
          ...names.map((_, index) => ({ text: String(order.indexOf(index) + 1), filled: order[0] === index })),
          { text: without, filled: moved },
        ],
      }
    }),
    filledMeans: 'first, or moved',
  })
}

export function jumpPicture(): Picture {
  const most = 10
  return matrix({
    id: 'jump',
    title: 'Jump: where keys go while the number of targets grows from 1 to 10',
    caption: 'From left to right one target more each: a key stays, or it moves (marked) to the one that is new.',
    corner: 'targets',
    columns: Array.from({ length: most }, (_, index) => String(index + 1)),
    rows: sampleKeys(8).map((name) => {
      const buckets = Array.from({ length: most }, (_, index) => jumpHash(xxh64(name), index + 1))
      return { name, cells: buckets.map((bucket, index) => ({ text: String(bucket), filled: index > 0 && bucket !== buckets[index - 1] })) }
    }),
    filledMeans: 'moved',
  })
}
