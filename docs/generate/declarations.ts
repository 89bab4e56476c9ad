import { type Comment, type Node, parseSync, type TSSignature, type TSType } from 'oxc-parser'
import type { SourceFile } from './sources.ts'

/** A field of an event, as its type declares it. */
export interface Field {
  readonly name: string
  /** The text of its type. */
  readonly type: string
  readonly optional: boolean
  /** Its documentation, on one line; empty where it has none. */
  readonly doc: string
}

/** The fields of one kind of object. */
export interface Shape {
  readonly fields: readonly Field[]
}

/** A word of a union of literals, with its documentation. */
export interface Word {
  readonly word: string
  readonly doc: string
}

interface Declared {
  readonly node: Node
  readonly file: Parsed
}

interface Parsed {
  readonly text: string
  readonly comments: readonly Comment[]
}

/** The interfaces and type aliases of some files, by name. Enough of TypeScript for types that are plain data. */
export class Declarations {
  readonly #byName = new Map<string, Declared>()

  constructor(files: readonly SourceFile[]) {
    for (const { path, text } of files) {
      const { program, comments, errors } = parseSync(path, text)
      const [problem] = errors
      if (problem) throw new Error(`${path}: ${problem.message}`)
      for (const statement of program.body) {
        const node = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
        if (node?.type === 'TSInterfaceDeclaration' || node?.type === 'TSTypeAliasDeclaration')
          this.#byName.set(node.id.name, { node, file: { text, comments } })
      }
    }
  }

  /** The shapes that a type stands for: one for each variant of a union. */
  shapes(name: string): Shape[] {
    const { node, file } = this.#find(name)
    if (node.type === 'TSTypeAliasDeclaration') return this.#shapesOf(node.typeAnnotation, file)
    if (node.type !== 'TSInterfaceDeclaration') return []
    const inherited = node.extends.flatMap(({ expression }) =>
      expression.type === 'Identifier' ? (this.shapes(expression.name)[0]?.fields ?? []) : [],
    )
    const own = fieldsOf(node.body.body, file)
    const ownNames = new Set(own.map((field) => field.name))
    return [{ fields: [...inherited.filter((field) => !ownNames.has(field.name)), ...own] }]
  }

  /** The words of a union of literals. */
  words(name: string): Word[] {
    const { node, file } = this.#find(name)
    if (node.type !== 'TSTypeAliasDeclaration' || node.typeAnnotation.type !== 'TSUnionType') throw new Error(`${name} is no union`)
    return node.typeAnnotation.types.flatMap((type) =>
      type.type === 'TSLiteralType' && type.literal.type === 'Literal'
        ? [{ word: String(type.literal.value), doc: docBefore(type, file) }]
        : [],
    )
  }

  /** The name of a union of literals, as its words; any other type as it is. */
  spelledOut(type: string): string {
    return this.#byName.has(type)
      ? this.words(type)
          .map(({ word }) => `'${word}'`)
          .join(' | ')
      : type
  }

  #find(name: string): Declared {
    const found = this.#byName.get(name)
    if (!found) throw new Error(`no type ${name} in the files that were read`)
    return found
  }

  #shapesOf(type: TSType, file: Parsed): Shape[] {
    if (type.type === 'TSUnionType') return type.types.flatMap((each) => this.#shapesOf(each, file))
    if (type.type === 'TSTypeLiteral') return [{ fields: fieldsOf(type.members, file) }]
    if (type.type === 'TSTypeReference' && type.typeName.type === 'Identifier') return this.shapes(type.typeName.name)
    throw new Error(`a type that is not understood: ${file.text.slice(type.start, type.end)}`)
  }
}

function fieldsOf(members: readonly TSSignature[], file: Parsed): Field[] {
  return members.flatMap((member): Field[] => {
    if (member.type !== 'TSPropertySignature' || member.key.type !== 'Identifier' || !member.typeAnnotation) return []
    const { start, end } = member.typeAnnotation.typeAnnotation
    return [{ name: member.key.name, type: file.text.slice(start, end), optional: member.optional, doc: docBefore(member, file) }]
  })
}

/** The comment that ends right before a node, a `|` aside. */
function docBefore(node: { readonly start: number }, { text, comments }: Parsed): string {
  const comment = comments.findLast(({ end }) => end <= node.start && /^[\s|]*$/.test(text.slice(end, node.start)))
  if (comment?.type !== 'Block' || !comment.value.startsWith('*')) return ''
  return comment.value
    .replaceAll(/^\s*\*+ ?/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/** `'target-up' | 'target-down'` -> its words; anything else -> nothing. */
export function literalsOf(type: string): string[] {
  return /^\s*(?:\|?\s*'[^']*'\s*)+$/.test(type) ? [...type.matchAll(/'([^']*)'/g)].map(([, word = '']) => word) : []
}
