import { type Comment, type Node, parseSync, type TSSignature, type TSType, type TSTypeReference } from 'oxc-parser'
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
  /** Packages have names in common, such as that of the base of their events. */
  readonly #byName = new Map<string, Declared[]>()

  constructor(files: readonly SourceFile[]) {
    for (const { path, text } of files) {
      const { program, comments, errors } = parseSync(path, text)
      const [problem] = errors
      if (problem) throw new Error(`${path}: ${problem.message}`)
      const file = { text, comments }
      for (const statement of program.body) {
        const node = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
        if (node?.type !== 'TSInterfaceDeclaration' && node?.type !== 'TSTypeAliasDeclaration') continue
        const { name } = node.id
        this.#byName.set(name, [...(this.#byName.get(name) ?? []), { node, file }])
      }
    }
  }

  /** The shapes that a type stands for: one for each variant of a union. */
  shapes(name: string): Shape[] {
    return this.#shapesOfNamed(name)
  }

  /** The words of a union of literals. */
  words(name: string): Word[] {
    return this.#wordsOf(name)
  }

  /** The name of a union of literals, as its words; any other type as it is. */
  spelledOut(type: string): string {
    return this.#byName.has(type)
      ? this.words(type)
          .map(({ word }) => `'${word}'`)
          .join(' | ')
      : type
  }

  /** @param from the file that names it: what is declared there comes before what others call the same */
  #find(name: string, from: Parsed | undefined): Declared {
    const all = this.#byName.get(name) ?? []
    const found = all.find(({ file }) => file === from) ?? (all.length === 1 ? all[0] : undefined)
    if (found) return found
    throw new Error(all.length === 0 ? `no type ${name} in the files that were read` : `${name} is declared in ${all.length} of the files`)
  }

  #wordsOf(name: string, from?: Parsed): Word[] {
    const { node, file } = this.#find(name, from)
    if (node.type !== 'TSTypeAliasDeclaration' || node.typeAnnotation.type !== 'TSUnionType') throw new Error(`${name} is no union`)
    return node.typeAnnotation.types.flatMap((type) => {
      if (type.type === 'TSTypeReference') return this.#wordsOf(nameOf(type, file), file)
      return type.type === 'TSLiteralType' && type.literal.type === 'Literal'
        ? [{ word: String(type.literal.value), doc: docBefore(type, file) }]
        : []
    })
  }

  #shapesOfNamed(name: string, from?: Parsed): Shape[] {
    const { node, file } = this.#find(name, from)
    if (node.type === 'TSTypeAliasDeclaration') return this.#shapesOf(node.typeAnnotation, file)
    if (node.type !== 'TSInterfaceDeclaration') return []
    const inherited = node.extends.flatMap(({ expression }) =>
      expression.type === 'Identifier' ? (this.#shapesOfNamed(expression.name, file)[0]?.fields ?? []) : [],
    )
    return [{ fields: merged(inherited, fieldsOf(node.body.body, file)) }]
  }

  #shapesOf(type: TSType, file: Parsed): Shape[] {
    if (type.type === 'TSUnionType') return type.types.flatMap((each) => this.#shapesOf(each, file))
    if (type.type === 'TSIntersectionType') {
      return type.types
        .map((each) => this.#shapesOf(each, file))
        .reduce((ones, others) => ones.flatMap((one) => others.map((other) => ({ fields: merged(one.fields, other.fields) }))))
    }
    if (type.type === 'TSParenthesizedType') return this.#shapesOf(type.typeAnnotation, file)
    if (type.type === 'TSTypeLiteral') return [{ fields: fieldsOf(type.members, file) }]
    if (type.type !== 'TSTypeReference') throw notUnderstood(type, file)
    const name = nameOf(type, file)
    return name === 'Exclude' ? this.#without(type, file) : this.#shapesOfNamed(name, file)
  }

  /** `Exclude<Union, { type: Words }>`: the variants that have none of these types. */
  #without(type: TSTypeReference, file: Parsed): Shape[] {
    const [union, excluded] = type.typeArguments?.params ?? []
    if (!union || excluded?.type !== 'TSTypeLiteral') throw notUnderstood(type, file)
    const words = literalsOf(this.spelledOut(typeFieldOf({ fields: fieldsOf(excluded.members, file) })))
    return this.#shapesOf(union, file).filter((shape) => {
      const own = literalsOf(this.spelledOut(typeFieldOf(shape)))
      return own.length === 0 || !own.every((word) => words.includes(word))
    })
  }
}

function typeFieldOf({ fields }: Shape): string {
  return fields.find(({ name }) => name === 'type')?.type ?? ''
}

/** What comes later says it more precisely. */
function merged(former: readonly Field[], later: readonly Field[]): readonly Field[] {
  const names = new Set(later.map(({ name }) => name))
  return [...former.filter(({ name }) => !names.has(name)), ...later]
}

function nameOf(type: TSTypeReference, file: Parsed): string {
  if (type.typeName.type === 'Identifier') return type.typeName.name
  throw notUnderstood(type, file)
}

function notUnderstood({ start, end }: TSType, { text }: Parsed): Error {
  return new Error(`a type that is not understood: ${text.slice(start, end)}`)
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
