import { type SchemaNode, variants } from './configuration-schema.ts'
import { code, listed, table } from './markdown.ts'

/** A schema that knows how to describe itself, as zod's do. */
export interface OptionSchema {
  toJSONSchema(options: { readonly io: 'input' }): object
}

type Row = readonly string[]

const HEADS = ['Option', 'Type', 'Default', 'Meaning']

/** From here on a number is only what a computer can count to, and no limit that anybody meets. */
const BOUNDLESS = 2 ** 31 - 1

/** The options as a table; where one of them decides which others there are, first those that all have, and then one table for each. */
export function optionTables(schema: OptionSchema): string {
  const root: SchemaNode = schema.toJSONSchema({ io: 'input' })
  const kinds = variants(root)
  if (kinds.length === 0) return table(HEADS, rowsOf(root.properties ? root : root.additionalProperties || {}))
  const rows = kinds.map((kind) => rowsOf(kind))
  const shared = (rows[0] ?? []).filter((row) => rows.every((others) => others.some((other) => other.join('|') === row.join('|'))))
  const own = rows.map((each) => each.filter((row) => !shared.includes(row) && !shared.some((one) => one.join('|') === row.join('|'))))
  const byKind = own.flatMap((each, index) => [kindOf(kinds[index] ?? {}, kinds), table(HEADS, each)])
  return [table(HEADS, shared), ...byKind].join('\n\n')
}

/** `Where `what` is `disk` or `inodes`:`, by the key that tells the kinds apart. */
function kindOf(kind: SchemaNode, kinds: readonly SchemaNode[]): string {
  const key = Object.keys(kind.properties ?? {}).find((each) => {
    const told = kinds.map(({ properties }) => words(properties?.[each]))
    return told.every((one) => one.length > 0) && new Set(told.flat()).size === told.flat().length
  })
  return key === undefined ? 'Or:' : `Where ${code(key)} is ${listed(words(kind.properties?.[key]), 'or')}:`
}

/** What a key can be, where that is a choice of words. */
function words(node: SchemaNode | undefined): string[] {
  return (node?.const === undefined ? (node?.enum ?? []) : [node.const]).map(String)
}

function rowsOf(mapping: SchemaNode, path = ''): Row[] {
  return Object.entries(mapping.properties ?? {}).flatMap(([key, node]) => {
    const place = `${path}${key}`
    const name = `${code(place)}${mapping.required?.includes(key) ? ' (required)' : ''}`
    return [[name, typeOf(node), defaultOf(node), node.description ?? ''], ...rowsOf(node, `${place}.`)]
  })
}

function typeOf(node: SchemaNode): string {
  const kinds = variants(node)
  if (kinds.length > 0) return [...new Set(kinds.map(typeOf))].join(', or ')
  if (node.const !== undefined) return code(String(node.const))
  if (node.enum) return listed(node.enum.map(spelled), 'or')
  if (node.type === 'boolean') return listed(['true', 'false'], 'or')
  if (node.type === 'integer') return `whole number${rangeOf(node)}`
  if (node.type === 'number') return `number${rangeOf(node)}`
  if (node.type === 'string') return 'text'
  if (node.type === 'null') return code('null')
  if (node.type === 'array') return `list: ${typeOf(node.items ?? {})}`
  if (node.type !== 'object') return 'anything'
  return node.additionalProperties ? `name to ${typeOf(node.additionalProperties)}` : 'mapping'
}

/** A text that looks like a number is none. */
function spelled(value: unknown): string {
  return typeof value === 'string' && /^\d/.test(value) ? `'${value}'` : String(value)
}

function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: SchemaNode): string {
  const from = bound(exclusiveMinimum, 'above') ?? bound(minimum, 'from')
  const to = bound(exclusiveMaximum, 'below') ?? bound(maximum, 'to')
  return [from, to].map((part) => (part === undefined ? '' : ` ${part}`)).join('')
}

function bound(value: number | undefined, word: string): string | undefined {
  return value === undefined || Math.abs(value) >= BOUNDLESS ? undefined : `${word} ${value.toLocaleString('en')}`
}

function defaultOf({ default: value }: SchemaNode): string {
  if (Array.isArray(value)) return value.length === 0 ? '' : code(`[${value.join(', ')}]`)
  // To be copied as it stands, so without commas.
  if (typeof value === 'number') return code(String(value))
  // `{}` and an empty text say no more than that the option may be left out.
  return typeof value === 'boolean' || (typeof value === 'string' && value !== '') ? code(String(value)) : ''
}
