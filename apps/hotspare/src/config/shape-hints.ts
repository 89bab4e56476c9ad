import type { SchemaNode } from './schema-guide.ts'

/**
 * What to do about a value that is of another kind than the one that is wanted: a list that is none, a share in percent.
 *
 * @param value not from outside the file: some hints repeat it
 */
export function shapeHint(value: unknown, node: SchemaNode | undefined): string | undefined {
  const wanted = node ? [node, ...(node.anyOf ?? []), ...(node.oneOf ?? [])].filter(isNode) : []
  if (node?.writeOnly === true) return undefined
  const list = wanted.find(({ type }) => type === 'array')
  if (Array.isArray(value)) return wanted.some(isNamed) ? 'give each of them a name: { NAME: ... }' : undefined
  if (typeof value === 'boolean' || value === null) return wanted.some(isSwitch) ? switchHint(value) : undefined
  // Where a text may stand, or a number, one of these is only a wrong one.
  if ((typeof value !== 'string' && typeof value !== 'number') || wanted.some(({ type }) => type === 'string')) return undefined
  const number = wanted.find(({ type }) => type === 'number' || type === 'integer')
  if (list && !(number && typeof value === 'number')) return listHint(value)
  return number && numberHint(value, number)
}

function isNode(node: unknown): node is SchemaNode {
  return typeof node === 'object' && node !== null
}

/** Its keys are names that people choose. */
function isNamed({ type, properties, additionalProperties }: SchemaNode): boolean {
  return type === 'object' && properties === undefined && isNode(additionalProperties)
}

/** A mapping that says something even with nothing in it. */
function isSwitch({ type, properties, required = [] }: SchemaNode): boolean {
  return type === 'object' && properties !== undefined && required.length === 0
}

function switchHint(value: boolean | null): string {
  if (value === true) return 'write {} for its defaults'
  return value === null ? 'write {} for its defaults, or leave it out' : 'leave it out'
}

function listHint(value: string | number): string {
  const isShort = /^[\w./:*-]{1,40}$/.test(String(value))
  return isShort ? `write it as a list: [${value}]` : 'write it as a list, each entry by itself: [one, two]'
}

/** Above 1 for those that a number beyond it switches off. */
const BIGGEST_SHARE = 1.01

function numberHint(value: string | number, { maximum }: SchemaNode): string | undefined {
  const isShare = maximum !== undefined && maximum <= BIGGEST_SHARE
  if (typeof value === 'number') return isShare && value > 1 && value <= 100 ? `as a share of 1, ${percent(value)}` : undefined
  const [, digits, unit] = /^\s*(\d{1,12}(?:\.\d{1,6})?)\s*(%|[a-z]{1,3})\s*$/i.exec(value) ?? []
  if (digits === undefined) return undefined
  if (unit === '%' && isShare) return `as a share of 1, ${percent(Number(digits))}`
  return `write the number alone: ${digits}`
}

/** `85 % is 0.85` */
function percent(value: number): string {
  return `${value} % is ${Number((value / 100).toPrecision(12))}`
}
