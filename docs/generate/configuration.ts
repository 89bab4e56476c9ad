import { code, listed, table } from './markdown.ts'

/** The parts of a JSON Schema that the configuration uses. */
export interface SchemaNode {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly examples?: readonly string[]
  readonly default?: unknown
  readonly const?: string
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly writeOnly?: boolean
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly propertyNames?: SchemaNode
  readonly additionalProperties?: SchemaNode | false
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
  readonly oneOf?: readonly SchemaNode[]
}

/** One mapping of the file, and the mappings inside of it. */
interface Section {
  readonly path: string
  readonly lead: string
  readonly node: SchemaNode
}

/** The reference of the configuration file: every mapping a section, every key a row. */
export function configurationReference(schema: SchemaNode): string {
  const whole: Section = { path: '', lead: '', node: schema }
  return [whole, ...sectionsIn(schema, '')].map(formatSection).join('\n\n')
}

function sectionsIn(mapping: SchemaNode, path: string): Section[] {
  return Object.entries(mapping.properties ?? {}).flatMap(([key, node]) =>
    sectionsOf(node, path === '' ? key : `${path}.${key}`, node.description ?? ''),
  )
}

/** The sections that a value brings: its own, where it is a mapping with keys of ours, and those below. */
function sectionsOf(node: SchemaNode, path: string, lead: string): Section[] {
  if (node.properties) {
    const { const: kind, description } = node.properties['type'] ?? {}
    const own = kind === undefined ? { path, lead, node } : { path: `${path} (type: ${kind})`, lead: description ?? lead, node }
    return [own, ...sectionsIn(node, path)]
  }
  if (node.items) return sectionsOf(node.items, `${path}[]`, lead)
  if (node.additionalProperties) return sectionsOf(node.additionalProperties, `${path}.NAME`, lead)
  return variants(node).flatMap((each) => sectionsOf(each, path, lead))
}

function formatSection({ path, lead, node }: Section): string {
  const heading = path === '' ? '## The file {#file}' : `## ${code(path)} {#${anchor(path)}}`
  const place = path.replace(/ \(.*$/, '')
  const rows = Object.entries(node.properties ?? {}).map(([key, value]) => [
    `${code(key)}${node.required?.includes(key) ? ' (required)' : ''}`,
    typeOf(value, place === '' ? key : `${place}.${key}`),
    defaultOf(value),
    meaningOf(value),
  ])
  return [heading, ...(lead === '' ? [] : [lead]), table(['Key', 'Type', 'Default', 'Meaning'], rows)].join('\n\n')
}

function variants(node: SchemaNode): readonly SchemaNode[] {
  return node.anyOf ?? node.oneOf ?? []
}

function typeOf(node: SchemaNode, path: string): string {
  const options = variants(node)
  if (options.length > 0) return [...new Set(options.map((each) => typeOf(each, path)))].join(', or ')
  if (node.const !== undefined) return code(node.const)
  if (node.enum) return listed(node.enum, 'or')
  if (node.type === 'boolean') return listed(['true', 'false'], 'or')
  if (node.type === 'integer') return `whole number, ${count(node.minimum)} to ${count(node.maximum)}`
  if (node.type === 'array') return `list of ${lengthOf(node)}: ${typeOf(node.items ?? {}, `${path}[]`)}`
  if (node.type === 'object') return mappingOf(node, path)
  const example = node.examples?.[0]
  return `${node.title ?? node.type ?? 'anything'}${example === undefined ? '' : `, like ${code(example)}`}`
}

/** A mapping whose keys are ours links to its section; one whose keys are names says what the names stand for. */
function mappingOf(node: SchemaNode, path: string): string {
  const { properties, propertyNames, additionalProperties } = node
  if (properties) {
    const kind = properties['type']?.const
    return kind === undefined ? `[mapping](#${anchor(path)})` : `[${code(`type: ${kind}`)}](#${anchor(`${path} (type: ${kind})`)})`
  }
  if (!additionalProperties) return 'mapping'
  return `${propertyNames?.title ?? 'name'} to ${typeOf(additionalProperties, `${path}.NAME`)}`
}

function anchor(path: string): string {
  return path
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
}

function lengthOf({ minItems = 0, maxItems }: SchemaNode): string {
  return maxItems === undefined ? `${minItems} or more` : `${minItems} to ${count(maxItems)}`
}

function defaultOf(node: SchemaNode): string {
  const value = node.default
  if (typeof value === 'number' || typeof value === 'boolean') return code(String(value))
  if (typeof value === 'string') return code(value)
  // `{}` and `[]` say no more than that the key may be left out.
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return ''
  const pairs = Object.entries(value).map(([key, each]) => `${key}: ${String(each)}`)
  return code(`{ ${pairs.join(', ')} }`)
}

function meaningOf(node: SchemaNode): string {
  const secret = node.writeOnly || (node.additionalProperties && node.additionalProperties.writeOnly)
  return `${node.description ?? ''}${secret ? ' A secret.' : ''}`
}

function count(value: number | undefined): string {
  return value === undefined ? 'any' : value.toLocaleString('en')
}
