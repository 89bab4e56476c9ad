/** The parts of a JSON Schema that the configuration uses. */
export interface SchemaNode {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly examples?: readonly string[]
  readonly default?: unknown
  readonly const?: string | number | boolean
  readonly enum?: readonly (string | number)[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
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
  /** `#/$defs/NAME`: what several places share. */
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, SchemaNode>>
}

/** What a value may be; a choice within a choice is one more of them. */
export function variants(node: SchemaNode): readonly SchemaNode[] {
  return (node.anyOf ?? node.oneOf ?? []).flatMap((each) => {
    const inner = variants(each)
    return inner.length === 0 ? [each] : inner
  })
}

/** As many kinds of one thing are told apart in sections of their own; more of them have what they share told once. */
const FEW_KINDS = 4

/** Whether there are many kinds of a mapping, told apart by their `type`. */
export function hasManyKinds(node: SchemaNode): boolean {
  const kinds = variants(node)
  return kinds.length > FEW_KINDS && kinds.every(({ properties }) => properties?.['type']?.const !== undefined)
}

/** `type: system`, `what: disk` */
export function kindOf({ properties = {} }: SchemaNode): string {
  const constants = Object.entries(properties).flatMap(([key, { const: value }]) =>
    value === undefined ? [] : [`${key}: ${String(value)}`],
  )
  return constants.toSorted((one, other) => Number(other.startsWith('type:')) - Number(one.startsWith('type:'))).join(', ')
}

/** What a kind is, in a sentence. */
export function meaningOfKind({ properties = {} }: SchemaNode): string {
  const told = Object.values(properties).flatMap(({ const: value, description }) =>
    value === undefined || !description ? [] : [description],
  )
  return told.at(-1) ?? ''
}

export function anchor(path: string): string {
  return path
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
}

/** What stands in `$defs` has a section of its own. */
export function sharedAnchor(reference: string): string {
  return `shared-${anchor(reference.replace('#/$defs/', ''))}`
}
