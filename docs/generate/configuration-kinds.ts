import { flatRowsOf, HEADS, type Row, rowsOf } from './configuration-rows.ts'
import { anchor, kindOf, meaningOfKind, type SchemaNode, variants } from './configuration-schema.ts'
import { code, table } from './markdown.ts'

/** A place of the file with many kinds of one thing. */
export interface Choice {
  readonly path: string
  readonly node: SchemaNode
  /** Where it is linked to, if that does not follow from the path. */
  readonly anchor?: string
}

/** A key that nearly all kinds have is told once, with those that have it not. */
const NEARLY_ALL = 0.9

/** What the kinds of one place share, and which kinds there are. */
export function formatChoice({ path, node }: Choice): string {
  const shared = sharedRows({ path, node })
  const kinds = variants(node).map((kind) => [`[${code(kindOf(kind))}](#${anchor(kindOf(kind))})`, meaningOfKind(kind)])
  return [
    table(['Type', 'What it does'], kinds),
    'Each type has keys of its own. These are there whatever the type:',
    table(
      HEADS,
      [...shared.values()].map((row) => withExceptions(row, { path, node })),
    ),
  ].join('\n\n')
}

/** Mappings among the keys that all kinds share. */
export function sharedMappings(choice: Choice): readonly (readonly [string, SchemaNode])[] {
  const [first] = variants(choice.node)
  return [...sharedRows(choice).keys()].flatMap((key) => {
    const node = first?.properties?.[key]
    return node ? [[key, node] as const] : []
  })
}

/** Every kind of all places, with the keys that are its own. */
export function formatKinds(choices: readonly Choice[]): string {
  const kinds = new Map<string, { readonly choice: Choice; readonly kind: SchemaNode }[]>()
  for (const choice of choices) {
    for (const kind of variants(choice.node)) kinds.set(kindOf(kind), [...(kinds.get(kindOf(kind)) ?? []), { choice, kind }])
  }
  const sections = [...kinds].map(([name, places]) => {
    const rows = ownRows(places)
    const lead = places[0] ? meaningOfKind(places[0].kind) : ''
    return [`### ${code(name)} {#${anchor(name)}}`, lead, rows.length === 0 ? 'It has no keys of its own.' : table(HEADS, rows)].join(
      '\n\n',
    )
  })
  return [
    '## The types of checks {#types}',
    `What can be written in ${choices.map(({ path, anchor: own }) => `[${code(path)}](#${own ?? anchor(path)})`).join(', ')}: each with its own keys.`,
    ...sections,
  ].join('\n\n')
}

/** The rows of one kind, from wherever they stand; a row that is not everywhere says where. */
function ownRows(places: readonly { readonly choice: Choice; readonly kind: SchemaNode }[]): Row[] {
  const rows = new Map<string, { readonly row: Row; readonly paths: string[] }>()
  // Where the address is the file's own it comes first: a target of a pool brings it.
  for (const { choice, kind } of places.toReversed()) {
    const shared = sharedRows(choice)
    for (const [key, row] of flatRowsOf(kind, kindOf(kind))) {
      if (kind.properties?.[key]?.const !== undefined || same(shared.get(key.split('.')[0] ?? ''), row)) continue
      if (shared.has(key.split('.')[0] ?? '') && key.includes('.')) continue
      const known = rows.get(`${key} ${row.join('|')}`)
      if (known) known.paths.push(choice.path)
      else rows.set(`${key} ${row.join('|')}`, { row, paths: [choice.path] })
    }
  }
  return [...rows.values()].map(({ row, paths }) => {
    const [name, type, fallback, meaning] = row
    const where = paths.length === places.length ? '' : ` In ${paths.toReversed().map(code).join(', ')}.`
    return [name, type, fallback, `${meaning}${where}`]
  })
}

function sharedRows({ path, node }: Choice): Map<string, Row> {
  const kinds = variants(node).map((kind) => rowsOf(kind, path))
  const [first = new Map<string, Row>()] = kinds
  const enough = NEARLY_ALL * kinds.length
  return new Map([...first].filter(([key]) => key !== 'type' && kinds.filter((kind) => kind.has(key)).length >= enough))
}

function withExceptions([name, type, fallback, meaning]: Row, { node }: Choice): Row {
  const without = variants(node).filter(({ properties = {} }) => !Object.keys(properties).some((key) => name.startsWith(code(key))))
  return [
    name,
    type,
    fallback,
    without.length === 0 ? meaning : `${meaning} Not of ${without.map((kind) => code(kindOf(kind))).join(', ')}.`,
  ]
}

function same(one: Row | undefined, other: Row): boolean {
  return one?.join('|') === other.join('|')
}
