import { parseSync, type Comment, type Node, type ParseResult } from 'oxc-parser'

/** A name and where it comes from: another file or package, or (without `from`) this file. */
export interface Origin {
  readonly from?: string | undefined
  /** The name over there; `*` for a whole namespace. */
  readonly name: string
}

/** What one file of declarations says, by name. */
export interface DeclarationFile {
  /** Overloads and merged declarations have several texts; comments are left out. */
  readonly declarations: ReadonlyMap<string, readonly Declaration[]>
  readonly imports: ReadonlyMap<string, Origin>
  readonly exports: ReadonlyMap<string, Origin>
  /** `export * from`. */
  readonly stars: readonly string[]
}

export interface Declaration {
  readonly text: string
  /** Every name that its text uses. */
  readonly uses: ReadonlySet<string>
}

/** Reads a file of declarations that `tsc` wrote. */
export function parseDeclarations(file: string, source: string): DeclarationFile {
  const parsed: ParseResult = parseSync(file, source, { lang: 'dts' })
  const [problem] = parsed.errors
  if (problem) throw new Error(`${file}: ${problem.message}`)
  const declarations = new Map<string, Declaration[]>()
  const imports = new Map<string, Origin>()
  const exports = new Map<string, Origin>()
  const stars: string[] = []

  const declare = (node: Node): string[] => {
    const declaration = { text: textWithoutComments(source, node, parsed.comments), uses: namesIn(node) }
    const names = declaredNames(node)
    for (const name of names) declarations.set(name, [...(declarations.get(name) ?? []), declaration])
    return names
  }
  for (const node of parsed.program.body) {
    if (node.type === 'ImportDeclaration') {
      for (const item of node.specifiers) {
        const name = item.type === 'ImportSpecifier' ? nameOf(item.imported) : item.type === 'ImportDefaultSpecifier' ? 'default' : '*'
        imports.set(item.local.name, { from: node.source.value, name })
      }
    } else if (node.type === 'ExportNamedDeclaration') {
      if (node.declaration) for (const name of declare(node.declaration)) exports.set(name, { name })
      for (const item of node.specifiers) exports.set(nameOf(item.exported), { from: node.source?.value, name: nameOf(item.local) })
    } else if (node.type === 'ExportAllDeclaration') {
      if (node.exported) exports.set(nameOf(node.exported), { from: node.source.value, name: '*' })
      else stars.push(node.source.value)
    } else declare(node)
  }
  return { declarations, imports, exports, stars }
}

function nameOf(node: { readonly type: string; readonly name?: string; readonly value?: unknown }): string {
  return node.name ?? String(node.value)
}

function declaredNames(node: Node): string[] {
  if (node.type === 'VariableDeclaration') {
    return node.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [id.name] : []))
  }
  return 'id' in node && node.id?.type === 'Identifier' ? [node.id.name] : []
}

/** All identifiers: too many (property names as well), which only costs a look-up that finds nothing. */
function namesIn(node: Node): Set<string> {
  const names = new Set<string>()
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit)
    if (typeof value !== 'object' || value === null) return
    if ('type' in value && value.type === 'Identifier' && 'name' in value) names.add(String(value.name))
    Object.values(value).forEach(visit)
  }
  visit(node)
  return names
}

function textWithoutComments(source: string, node: Node, comments: readonly Comment[]): string {
  let text = ''
  let position = node.start
  for (const comment of comments) {
    if (comment.start < node.start || comment.end > node.end) continue
    text += source.slice(position, comment.start)
    position = comment.end
  }
  text += source.slice(position, node.end)
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trimEnd())
    .join('\n')
}
