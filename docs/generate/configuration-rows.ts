import { anchor, hasManyKinds, kindOf, type SchemaNode, sharedAnchor, variants } from './configuration-schema.ts'
import { code, listed } from './markdown.ts'

/** Key, type, default, meaning. */
export type Row = readonly [string, string, string, string]

export const HEADS: readonly string[] = ['Key', 'Type', 'Default', 'Meaning']

/** The keys of a mapping, by their names. @param place the path of the mapping */
export function rowsOf(mapping: SchemaNode, place: string): Map<string, Row> {
  const { properties = {}, required = [] } = mapping
  return new Map(
    Object.entries(properties).map(([key, node]) => {
      const name = `${code(key)}${required.includes(key) ? ' (required)' : ''}`
      return [key, [name, typeOf(node, place === '' ? key : `${place}.${key}`), defaultOf(node), meaningOf(node)]]
    }),
  )
}

/** The same, where a mapping in it has its keys beside the others: `tls.verify`. */
export function flatRowsOf(mapping: SchemaNode, place: string): Map<string, Row> {
  const own = rowsOf(mapping, place)
  return new Map(
    Object.entries(mapping.properties ?? {}).flatMap(([key, node]): [string, Row][] => {
      const row = own.get(key)
      if (!node.properties) return row ? [[key, row]] : []
      return [...flatRowsOf(node, `${place}.${key}`)].map(([inner, [, ...rest]]) => [`${key}.${inner}`, [code(`${key}.${inner}`), ...rest]])
    }),
  )
}

export function typeOf(node: SchemaNode, path: string): string {
  if (node.$ref !== undefined) return `[mapping](#${sharedAnchor(node.$ref)})`
  if (hasManyKinds(node)) return `[mapping of a type](#${anchor(path)})`
  const options = variants(node)
  const words = options.flatMap(({ const: only, enum: several = [] }) => [...(only === undefined ? [] : [only]), ...several]).map(String)
  if (options.length > 0 && options.every((each) => each.const !== undefined || each.enum)) return listed([...new Set(words)], 'or')
  if (options.length > 0) return [...new Set(options.map((each) => typeOf(each, path)))].join(', or ')
  if (node.const !== undefined) return code(String(node.const))
  if (node.enum) return listed(node.enum.map(String), 'or')
  if (node.title !== undefined && node.type !== 'object') return `${node.title}${exampleOf(node)}`
  switch (node.type ?? '') {
    case 'boolean':
      return listed(['true', 'false'], 'or')
    case 'integer':
      return `whole number${rangeOf(node)}`
    case 'number':
      return `number${rangeOf(node)}`
    case 'string':
      return `text${exampleOf(node)}`
    case 'null':
      return code('null')
    case 'array':
      return `list of ${lengthOf(node)}: ${typeOf(node.items ?? {}, `${path}[]`)}`
    case 'object':
      return mappingOf(node, path)
    default:
      return 'anything'
  }
}

/** A mapping whose keys are ours links to its section; one whose keys are names says what the names stand for. */
function mappingOf(node: SchemaNode, path: string): string {
  const { properties, propertyNames, additionalProperties } = node
  if (properties) {
    // What belongs to a type has no section of its own: it is told once, wherever the type may stand.
    if (path.startsWith('type:')) return `mapping of ${listed(Object.keys(properties), 'and')}`
    const kind = properties['type']?.const === undefined ? undefined : kindOf(node)
    return kind === undefined ? `[mapping](#${anchor(path)})` : `[${code(kind)}](#${anchor(`${path} (${kind})`)})`
  }
  if (!additionalProperties) return 'mapping'
  return `${propertyNames?.title ?? 'name'} to ${typeOf(additionalProperties, `${path}.NAME`)}`
}

function exampleOf({ examples }: SchemaNode): string {
  return examples?.[0] === undefined ? '' : `, like ${code(examples[0])}`
}

function rangeOf({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: SchemaNode): string {
  const [from, to] = [minimum ?? exclusiveMinimum, maximum ?? exclusiveMaximum]
  if (!isLimit(from) && !isLimit(to)) return ''
  return `, ${isLimit(from) ? count(from) : 'any'} to ${isLimit(to) ? count(to) : 'any'}`
}

/** Beyond that a number is only what a computer can count to, and no limit that anybody meets. */
const BOUNDLESS = 2 ** 53 - 1

function isLimit(value: number | undefined): value is number {
  return value !== undefined && Math.abs(value) < BOUNDLESS
}

function lengthOf({ minItems = 0, maxItems }: SchemaNode): string {
  return maxItems === undefined ? `${minItems} or more` : `${minItems} to ${count(maxItems)}`
}

function defaultOf({ default: value }: SchemaNode): string {
  if (typeof value === 'number' || typeof value === 'boolean') return code(String(value))
  if (typeof value === 'string') return value === '' ? '' : code(value)
  // `{}` and `[]` say no more than that the key may be left out.
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return ''
  if (Array.isArray(value)) return code(`[${value.join(', ')}]`)
  const pairs = Object.entries(value).map(([key, each]) => `${key}: ${String(each)}`)
  return code(`{ ${pairs.join(', ')} }`)
}

function meaningOf(node: SchemaNode): string {
  const secret = node.writeOnly || (node.additionalProperties && node.additionalProperties.writeOnly)
  return `${node.description ?? ''}${secret ? ' A secret.' : ''}`
}

function count(value: number | undefined): string {
  return isLimit(value) ? value.toLocaleString('en') : 'any'
}
