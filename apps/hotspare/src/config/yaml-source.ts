import { isAlias, isMap, isScalar, isSeq, LineCounter, type Document, type Node, type Pair, parseDocument } from 'yaml'
import { limits } from './defaults.ts'
import { type ConfigProblem, formatPath, type Path, type Position, quote } from './problem.ts'
import { syntaxProblems } from './yaml-syntax.ts'

/** A text of the file that can be replaced by what it refers to. */
export interface SourceText {
  readonly path: Path
  readonly text: string
  replace(text: string): void
}

/** What a YAML file says, and where it says it. */
export interface YamlSource {
  /** Plain objects, lists, texts, numbers, booleans and null. */
  readonly value: unknown
  /** Every text value, in the order of the file; keys are not among them. */
  readonly texts: readonly SourceText[]
  /** Of the value; of its key where the value is empty; of the nearest entry around it where there is none. */
  valueAt(path: Path): Position
  /** Of the key; of the value where it has none (in a list, at the top). */
  keyAt(path: Path): Position
}

interface Entry {
  readonly key: Position | undefined
  readonly value: Position | undefined
}

const TOP: Position = { line: 1, column: 1 }

/**
 * Reads YAML 1.2 (core schema: no dates, no `yes`), one document with a mapping at the top.
 *
 * @returns the source, or else the problems that kept it from being read
 */
export function readYaml(text: string): { readonly source: YamlSource } | { readonly problems: readonly ConfigProblem[] } {
  const lines = new LineCounter()
  // Duplicate keys are looked for below: the parser compares every key with every other.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2', schema: 'core', uniqueKeys: false })
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const syntax = syntaxProblems(document, text, positionOf)
  if (syntax.length > 0) return { problems: syntax }

  const walk = new Walk(document, positionOf)
  const value = walk.read()
  return walk.problems.length > 0 ? { problems: walk.problems } : { source: new WalkedSource(value, walk.texts, walk.entries) }
}

class WalkedSource implements YamlSource {
  readonly value: unknown
  readonly texts: readonly SourceText[]
  readonly #entries: ReadonlyMap<string, Entry>

  constructor(value: unknown, texts: readonly SourceText[], entries: ReadonlyMap<string, Entry>) {
    this.value = value
    this.texts = texts
    this.#entries = entries
  }

  valueAt(path: Path): Position {
    const entry = this.#entries.get(entryKey(path))
    if (entry) return entry.value ?? entry.key ?? TOP
    return path.length === 0 ? TOP : this.keyAt(path.slice(0, -1))
  }

  keyAt(path: Path): Position {
    return this.#entries.get(entryKey(path))?.key ?? this.valueAt(path)
  }
}

function entryKey(path: Path): string {
  return path.join('\0')
}

/** Goes once over the document, makes plain values of it and notes where each one stands. */
class Walk {
  readonly problems: ConfigProblem[] = []
  readonly texts: SourceText[] = []
  readonly entries = new Map<string, Entry>()
  readonly #document: Document.Parsed
  /** As YAML has it: an alias means the latest anchor of that name before it. */
  readonly #anchors = new Map<string, Node>()
  readonly #positionOf: (offset: number) => Position
  #nodes = 0
  #stopped = false
  /** The alias of the file itself that the walk is inside of. */
  #expanding: Node | undefined

  constructor(document: Document.Parsed, positionOf: (offset: number) => Position) {
    this.#document = document
    this.#positionOf = positionOf
  }

  read(): unknown {
    const { contents } = this.#document
    if (isMap(contents)) return this.#value(contents, [], undefined, () => {})
    const empty = contents === null || (isScalar(contents) && contents.value === null)
    const kind = isSeq(contents) ? 'a list' : 'a single value'
    this.#report(
      contents,
      [],
      empty ? 'the file is empty' : `expected a mapping at the top, got ${kind}`,
      'write at least one of the keys pools, proxies, checks, services, dns and witness',
    )
    return undefined
  }

  #value(node: Node | null, path: Path, key: Node | undefined, replace: (text: string) => void): unknown {
    if (this.#stopped) return undefined
    const target = isAlias(node) ? this.#anchors.get(node.source) : node
    if (target === undefined) return this.#unanchored(node, path)
    if (isAlias(node) && this.#expanding === undefined) return this.#expand(node, path, key, replace)
    this.#rememberAnchor(target)
    this.entries.set(entryKey(path), { key: this.#position(key), value: isEmpty(target) ? undefined : this.#position(target) })
    this.#nodes += 1
    if (this.#nodes > limits.nodes) return this.#stop(node, `more than ${limits.nodes} values, counting what aliases repeat`)
    if (path.length > limits.depth) return this.#stop(node, `nested more than ${limits.depth} levels deep`)
    if (isMap(target)) return this.#mapping(target.items, path)
    if (isSeq(target)) return this.#list(target.items, path)
    return this.#scalar(target, path, replace)
  }

  #expand(alias: Node, path: Path, key: Node | undefined, replace: (text: string) => void): unknown {
    this.#expanding = alias
    const value = this.#value(alias, path, key, replace)
    this.#expanding = undefined
    return value
  }

  #rememberAnchor(node: Node | null): void {
    if (node && (isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) this.#anchors.set(node.anchor, node)
  }

  #unanchored(alias: Node | null, path: Path): undefined {
    const name = isAlias(alias) ? alias.source : ''
    return this.#report(alias, path, `the alias *${name} has no anchor before it`, `write &${name} where the value first stands`)
  }

  /** One problem of size is enough: what follows would be more of the same. */
  #stop(node: Node | null, message: string): undefined {
    this.#stopped = true
    const alias = this.#expanding
    return this.#report(alias ?? node, [], message, isAlias(alias) ? `the alias *${alias.source} repeats too much` : undefined)
  }

  #scalar(node: Node | null, path: Path, replace: (text: string) => void): unknown {
    const value: unknown = isScalar(node) ? node.value : null
    if (typeof value === 'string') this.texts.push({ path, text: value, replace })
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
    return this.#report(node, path, 'a value of this kind is not used here', 'write texts, numbers, true, false, lists and mappings')
  }

  #list(items: readonly unknown[], path: Path): unknown[] {
    const list: unknown[] = []
    for (const [index, item] of items.entries()) {
      list.push(this.#value(nodeOf(item), [...path, index], undefined, (text) => void (list[index] = text)))
      if (this.#stopped) break
    }
    return list
  }

  #mapping(pairs: readonly Pair[], path: Path): Record<string, unknown> {
    const mapping: Record<string, unknown> = {}
    const seen = new Map<string, Node>()
    for (const pair of pairs) {
      const keyNode = nodeOf(pair.key)
      const key = this.#key(keyNode, path)
      if (keyNode === null || key === undefined) continue
      const first = seen.get(key)
      if (first) {
        this.#report(keyNode, path, `duplicate key ${quote(key)}`, `the first is on line ${this.#position(first)?.line}`)
        continue
      }
      seen.set(key, keyNode)
      mapping[key] = this.#value(nodeOf(pair.value), [...path, key], keyNode, (text) => void (mapping[key] = text))
      if (this.#stopped) break
    }
    return mapping
  }

  #key(node: Node | null, path: Path): string | undefined {
    const value: unknown = isScalar(node) ? node.value : undefined
    const key = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
    if (key === '<<') return this.#report(node, path, 'unknown key "<<"', 'merge keys are not part of YAML 1.2')
    if (key === undefined) return this.#report(node, path, 'a key has to be a text')
    // Assigning it would change the object's prototype and lose the entry.
    if (key === '__proto__') return this.#report(node, path, 'unknown key "__proto__"')
    return key
  }

  #report(node: Node | null, path: Path, message: string, hint?: string): undefined {
    const position = this.#position(node) ?? this.entries.get(entryKey(path))?.key ?? TOP
    this.problems.push({ ...position, path: formatPath(path), message, hint })
  }

  #position(node: Node | null | undefined): Position | undefined {
    return node?.range ? this.#positionOf(node.range[0]) : undefined
  }
}

/** Whether nothing is written where the value belongs: `pools:` and the end of the line. */
function isEmpty(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === null && node.source === '')
}

function nodeOf(value: unknown): Node | null {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value) ? value : null
}
