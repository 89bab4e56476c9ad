import { z } from 'zod'
import { type Path, quote } from './problem.ts'

/** One place of a JSON Schema. */
export type SchemaNode = z.core.JSONSchema.BaseSchema

/**
 * What the schema itself knows about a place of the file: which keys belong there and how a value looks. Messages are
 * made from it, so that there is no second list of keys.
 */
export class SchemaGuide {
  readonly #root: SchemaNode

  constructor(schema: z.ZodType) {
    this.#root = withoutReferences(z.toJSONSchema(schema, { io: 'input' }))
  }

  /** The schema of the value at `path`; where it is a union, the variant that the value chose. */
  at(path: Path, file: unknown): SchemaNode | undefined {
    let node: SchemaNode | undefined = this.#root
    let value = file
    for (const part of path) {
      node = node && child(variant(node, value), part)
      value = valueAt(value, [part])
    }
    return node && variant(node, value)
  }

  /** The keys that the mapping at `path` may have. */
  keys(path: Path, file: unknown): string[] {
    return Object.keys(this.at(path, file)?.properties ?? {})
  }

  /** `type: http` (or `what: disk`, if it is the type already), where `key` belongs to another variant of the mapping at `path` than to the one that it chose. */
  ownerOf(key: string, path: Path, file: unknown): string | undefined {
    const owner = this.#wholeAt(path, file).find((each) => each.properties !== undefined && Object.hasOwn(each.properties, key))
    const written = valueAt(file, path)
    const choice = (owner ? constants(owner) : []).find((each) => valueAt(written, [each.key]) !== each.value)
    return choice && `${choice.key}: ${String(choice.value)}`
  }

  /** `type: push`, where most others of the mappings that may stand at `path` have the key, and the one that was chosen has not. */
  lackedBy(key: string, path: Path, file: unknown): string | undefined {
    const chosen = this.at(path, file)
    const others = this.#wholeAt(path, file)
    const owners = others.filter((each) => Object.hasOwn(each.properties ?? {}, key))
    const [choice] = chosen ? constants(chosen) : []
    return choice && 2 * owners.length > others.length ? `${choice.key}: ${String(choice.value)}` : undefined
  }

  /** Every mapping that may stand at `path`. */
  #wholeAt(path: Path, file: unknown): readonly SchemaNode[] {
    const last = path.at(-1)
    const parent = path.length === 0 ? this.#root : this.at(path.slice(0, -1), file)
    const whole = last === undefined || !parent ? parent : child(parent, last)
    return whole ? variants(whole) : []
  }

  /** The values of `key` that tell the variants of the mapping at `path` apart. */
  choices(path: Path, key: string, file: unknown): string[] {
    const node = this.at(path, file)
    const values = (node ? variants(node) : []).flatMap(constants).filter((each) => each.key === key)
    return [...new Set(values.map(({ value }) => String(value)))]
  }

  /** How a value of this place looks: `a duration like 500ms`. */
  phrase(path: Path, file: unknown): string {
    const node = this.at(path, file)
    return node ? phraseOf(node) : 'another value'
  }

  /** Whether the value at `path` is a secret, however it came there. */
  isSecret(path: Path, file: unknown): boolean {
    return this.at(path, file)?.writeOnly === true
  }
}

/** @returns undefined where there is nothing */
export function valueAt(value: unknown, path: Path): unknown {
  let current = value
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined
    current = Reflect.get(current, part)
  }
  return current
}

function child(node: SchemaNode, part: string | number): SchemaNode | undefined {
  if (typeof part === 'number') return asNode(node.items)
  const { properties = {} } = node
  return Object.hasOwn(properties, part) ? asNode(properties[part]) : asNode(node.additionalProperties)
}

function asNode(schema: unknown): SchemaNode | undefined {
  return isNode(schema) ? schema : undefined
}

function isNode(schema: unknown): schema is SchemaNode {
  return typeof schema === 'object' && schema !== null && !Array.isArray(schema)
}

/** What a node says is asked for at every text of a file, and there are many kinds of checks to choose from. */
function remembered<Value>(find: (node: SchemaNode) => Value): (node: SchemaNode) => Value {
  const known = new WeakMap<SchemaNode, Value>()
  return (node) => {
    const value = known.get(node) ?? find(node)
    known.set(node, value)
    return value
  }
}

/** A choice within a choice is one more of them. */
const variants = remembered(findVariants)

function findVariants(node: SchemaNode): readonly SchemaNode[] {
  return [...(node.anyOf ?? []), ...(node.oneOf ?? [])].filter(isNode).flatMap((each) => {
    const inner = findVariants(each)
    return inner.length === 0 ? [each] : inner
  })
}

/** What several places share stands in `$defs` once; here it stands where it belongs. */
function withoutReferences(root: SchemaNode): SchemaNode {
  const shared = new Map(Object.entries(root.$defs ?? {}))
  const done = new Map<string, unknown>()
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve)
    if (typeof value !== 'object' || value === null) return value
    const { $ref, ...rest }: { readonly $ref?: unknown } = value
    const own = Object.fromEntries(Object.entries(rest).map(([key, each]) => [key, resolve(each)]))
    if (typeof $ref !== 'string') return own
    const name = $ref.replace('#/$defs/', '')
    if (!done.has(name)) done.set(name, resolve(shared.get(name)))
    return { ...asNode(done.get(name)), ...own }
  }
  const { $defs: _, ...whole } = root
  return asNode(resolve(whole)) ?? root
}

/** The one variant that fits the kind of the value and, in a mapping, its constants; the union itself where that does not decide. */
function variant(node: SchemaNode, value: unknown): SchemaNode {
  const fitting = variants(node).filter(
    (each) => fitsKind(each, value) && constants(each).every(({ key, value: wanted }) => valueAt(value, [key]) === wanted),
  )
  const [only] = fitting
  return only && fitting.length === 1 ? only : node
}

function fitsKind(node: SchemaNode, value: unknown): boolean {
  // `true` is not meant to be the one word `false`; a text may be a word that is misspelt.
  if (typeof node.const === 'boolean') return node.const === value
  if (node.type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  if (node.type === 'array') return Array.isArray(value)
  if (node.type === 'null') return value === null
  return typeof value === (node.type === 'integer' ? 'number' : node.type)
}

const constants = remembered(findConstants)

function findConstants(node: SchemaNode): readonly { readonly key: string; readonly value: unknown }[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, property]) => {
    const value = asNode(property)?.const
    return value === undefined ? [] : [{ key, value }]
  })
}

function phraseOf(node: SchemaNode): string {
  const options = variants(node)
  if (options.length > 0) return phraseOfVariants(options)
  const example: unknown = node.examples?.[0]
  if (node.title !== undefined && typeof example === 'string') return `${article(node.title)} ${node.title} like ${example}`
  if (node.const !== undefined) return node.description === undefined ? String(node.const) : `${String(node.const)} (${node.description})`
  if (node.enum) return `one of ${node.enum.map(String).join(', ')}`
  return phraseOfType(node)
}

/** As it is spoken: an etcd URL, an IP address, a URL. */
function article(noun: string): string {
  return /^(?:[aeio]|IP )/.test(noun) ? 'an' : 'a'
}

/** So many may be spelled out. */
const TOLD_VARIANTS = 4

function phraseOfVariants(options: readonly SchemaNode[]): string {
  const [first] = options
  const nameless = options.filter((each) => each.type === 'object' && constants(each).length === 0)
  const kinds = options.filter((each) => each.type === 'object' && !nameless.includes(each))
  if (first?.type === 'object' && nameless.length < 2 && options.length > TOLD_VARIANTS) return phraseOf(first)
  // Mappings that have no word to be told apart by are told apart by what each of them must have.
  const told = kinds.length > TOLD_VARIANTS ? options.filter((each) => each === kinds[0] || !kinds.includes(each)) : options
  const phrases = new Set(told.map((each) => (nameless.length > 1 && nameless.includes(each) ? phraseOfRequired(each) : phraseOf(each))))
  return [...phrases].reduce((before, phrase) => `${before} or ${behind(before, phrase)}`)
}

/** What is said already is not said again: `a mapping with "url" or "file"`. */
function behind(before: string, phrase: string): string {
  const [words = ''] = /^a mapping (?:like|with) /.exec(phrase) ?? []
  return words === 'a mapping like ' || before.includes(words) ? phrase.slice(words.length) : phrase
}

function phraseOfRequired(node: SchemaNode): string {
  const [key] = node.required ?? []
  return key === undefined ? 'a mapping' : `a mapping with ${quote(key)}`
}

function phraseOfType(node: SchemaNode): string {
  if (node.type === 'integer') return `a whole number${range(node)}`
  if (node.type === 'number') return `a number${range(node)}`
  if (node.type === 'string') return node.maxLength === undefined ? 'a text' : `a text of up to ${node.maxLength} characters`
  if (node.type === 'array') return phraseOfList(asNode(node.items))
  if (node.type === 'boolean') return 'true or false'
  if (node.type !== 'object') return 'another value'
  const [choice] = constants(node)
  return choice ? `a mapping like { ${choice.key}: ${String(choice.value)} }` : phraseOfMapping(node)
}

/** Of what, where that is one kind of mapping. */
function phraseOfList(entry: SchemaNode | undefined): string {
  const phrase = entry?.type === 'object' ? phraseOf(entry) : ''
  return phrase.startsWith('a mapping ') ? `a list of ${phrase.replace('a mapping', 'mappings')}` : 'a list'
}

/** With what it cannot do without, and how that looks: `a mapping like { for: 1h }`. */
function phraseOfMapping({ required = [], properties = {} }: SchemaNode): string {
  const entries = required.map((key) => [key, asNode(properties[key])?.examples?.[0]] as const)
  if (entries.length === 0) return 'a mapping'
  if (entries.every(([, example]) => typeof example === 'string'))
    return `a mapping like { ${entries.map(([key, example]) => `${key}: ${String(example)}`).join(', ')} }`
  return `a mapping with ${required.map(quote).join(' and ')}`
}

function range({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: SchemaNode): string {
  const told = [
    boundText('from', minimum),
    boundText('above', exclusiveMinimum),
    boundText('to', maximum),
    boundText('below', exclusiveMaximum),
  ]
  return told.join('')
}

/** What only a computer could count to is no bound that anybody meets. */
function boundText(word: string, bound: unknown): string {
  return typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? ` ${word} ${bound}` : ''
}

/** What a value is, for people: `the number 500`. Never for a secret. */
export function describe(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number' || typeof value === 'boolean') return `${typeof value === 'number' ? 'the number' : 'the value'} ${value}`
  // Whoever writes a password into a URL where it does not belong should not find it in a log.
  if (typeof value === 'string') return value === '' ? 'an empty text' : `the text ${quote(value.replace(/\/\/\S*@/, '//[redacted]@'))}`
  return 'a mapping'
}
