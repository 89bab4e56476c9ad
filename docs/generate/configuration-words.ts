import { HEADS, type Row, rowsOf } from './configuration-rows.ts'
import { meaningOfKind, type SchemaNode, variants } from './configuration-schema.ts'
import { code, listed, table } from './markdown.ts'

/**
 * Where a mapping is one of several that a word tells apart, the key of that word: `algorithm`. Those with a `type` are
 * told apart elsewhere.
 */
export function tellingKey(node: SchemaNode): string | undefined {
  const kinds = mappingsOf(node)
  if (kinds.length < 2 || kinds.some(({ properties = {} }) => properties['type']?.const !== undefined)) return undefined
  return Object.keys(kinds[0]?.properties ?? {}).find((key) => {
    const words = kinds.map(({ properties = {} }) => properties[key]?.const)
    return words.every((word) => word !== undefined) && new Set(words).size === kinds.length
  })
}

/** The variants of a value that are mappings with keys of ours. */
export function mappingsOf(node: SchemaNode): readonly SchemaNode[] {
  return variants(node).filter(({ properties }) => properties)
}

/** The words, and then the keys of all of them: each key once, with the words that have it. */
export function formatWords(node: SchemaNode, telling: string, path: string): string {
  const kinds = mappingsOf(node)
  const wordOf = ({ properties = {} }: SchemaNode) => String(properties[telling]?.const)
  const keys = new Map<string, { readonly row: Row; readonly words: string[] }>()
  for (const kind of kinds) {
    for (const [key, row] of rowsOf(kind, path)) {
      if (key === telling) continue
      const known = keys.get(row.join('|')) ?? { row, words: [] }
      known.words.push(wordOf(kind))
      keys.set(row.join('|'), known)
    }
  }
  const rows = [...keys.values()].map(({ row: [name, type, fallback, meaning], words: own }): Row => {
    return [name, type, fallback, own.length === kinds.length ? meaning : `${meaning} With ${listed(own, 'and')}.`]
  })
  const choice = table(
    [code(telling), 'What it is'],
    kinds.map((kind) => [code(wordOf(kind)), meaningOfKind(kind)]),
  )
  return rows.length === 0 ? choice : [choice, 'Beside it:', table(HEADS, rows)].join('\n\n')
}
