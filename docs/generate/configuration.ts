import { type Choice, formatChoice, formatKinds, sharedMappings } from './configuration-kinds.ts'
import { HEADS, rowsOf, typeOf } from './configuration-rows.ts'
import { anchor, hasManyKinds, kindOf, type SchemaNode, sharedAnchor, variants } from './configuration-schema.ts'
import { formatWords, mappingsOf, tellingKey } from './configuration-words.ts'
import { code, table } from './markdown.ts'

export type { SchemaNode } from './configuration-schema.ts'

/** One mapping of the file, and the mappings inside of it. */
interface Section {
  readonly path: string
  readonly lead: string
  readonly node: SchemaNode
  /** Where it is linked to. */
  readonly anchor?: string
}

/**
 * The reference of the configuration file: every mapping a section, every key a row. Where a mapping has many types, what they share
 * is told once, and each type once for all places that have it.
 */
export function configurationReference(schema: SchemaNode): string {
  const whole: Section = { path: '', lead: '', node: schema }
  const sections = [whole, ...sectionsIn(schema, '')]
  const shared = Object.entries(schema.$defs ?? {}).map(([name, node]): Section => ({
    path: name,
    lead: '',
    node,
    anchor: sharedAnchor(name),
  }))
  const choices = [...sections, ...shared].filter(({ node }) => hasManyKinds(node))
  return [...sections.map(formatSection), ...(choices.length === 0 ? [] : [formatKinds(choices)]), ...shared.map(formatShared)].join('\n\n')
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
    const own = kind === undefined ? { path, lead, node } : { path: `${path} (${kindOf(node)})`, lead: description ?? lead, node }
    return [own, ...sectionsIn(node, path)]
  }
  if (hasManyKinds(node)) {
    const choice: Choice = { path, node }
    const inside = sharedMappings(choice)
    return [{ path, lead, node }, ...inside.flatMap(([key, each]) => sectionsOf(each, `${path}.${key}`, each.description ?? ''))]
  }
  if (tellingKey(node) !== undefined) {
    return [{ path, lead, node }, ...eachOnce(mappingsOf(node).flatMap((each) => sectionsIn(each, path)))]
  }
  if (node.items) return sectionsOf(node.items, `${path}[]`, lead)
  if (node.additionalProperties) return sectionsOf(node.additionalProperties, `${path}.NAME`, lead)
  return variants(node).flatMap((each) => sectionsOf(each, path, lead))
}

/** What several of the mappings have inside of them alike. */
function eachOnce(sections: readonly Section[]): Section[] {
  return [...new Map(sections.map((section) => [`${section.path} ${JSON.stringify(section.node)}`, section])).values()]
}

function formatSection(section: Section): string {
  const { path, lead, node } = section
  const heading = path === '' ? '## The file {#file}' : `## ${code(path)} {#${section.anchor ?? anchor(path)}}`
  const place = path.replace(/ \(.*$/, '')
  const telling = tellingKey(node)
  const keys = () => (telling === undefined ? table(HEADS, [...rowsOf(node, place).values()]) : formatWords(node, telling, place))
  const body = hasManyKinds(node) ? formatChoice(section) : keys()
  return [heading, ...(lead === '' ? [] : [lead]), body].join('\n\n')
}

/** What several places have alike: a mapping, or something that may be one. */
function formatShared(section: Section): string {
  const { path, node } = section
  if (hasManyKinds(node)) return formatSection(section)
  const mappings = [node, ...variants(node)].filter(({ properties }) => properties)
  const others = variants(node).filter(({ properties }) => !properties)
  return [
    `## ${code(path)} {#${section.anchor ?? anchor(path)}}`,
    ...(others.length === 0 ? [] : [`${others.map((each) => typeOf(each, path)).join(', or ')}, or a mapping:`]),
    ...mappings.map((each) => table(HEADS, [...rowsOf(each, path).values()])),
  ].join('\n\n')
}
