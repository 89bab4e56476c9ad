import { posix } from 'node:path'
import { parseDeclarations, type DeclarationFile } from './declaration-file.ts'

/** One importable sub-path and the file of its declarations, relative to the package's folder. */
export interface EntryPoint {
  readonly specifier: string
  readonly types: string
}

/** Reads a file of the package, relative to its folder; undefined when there is none. */
export type ReadFile = (path: string) => string | undefined

/**
 * The public declarations of a package as text in a stable order: for each sub-path what it exports, by name, then what
 * those declarations need and nothing exports. Documentation is left out, so that only a change of the API is a difference.
 */
export function apiReport(entries: readonly EntryPoint[], readFile: ReadFile): string {
  const reader = new PackageReader(readFile)
  const printed = new Set<string>()
  const sections = entries.map(({ specifier, types }) => {
    const names = [...reader.exportedNames(types)].toSorted()
    const found = names.map((name) => ({ name, place: reader.locate(types, name) }))
    const exported = found.map(({ name, place }) => reader.print(place, name))
    for (const { place } of found) printed.add(keyOf(place))
    const needed = reader
      .reachable(found.map(({ place }) => place))
      .filter((place) => !printed.has(keyOf(place)))
      .toSorted((one, other) => keyOf(one).localeCompare(keyOf(other), 'en'))
    for (const place of needed) printed.add(keyOf(place))
    const hidden = needed.length > 0 ? ['// Not exported, used above:', ...needed.map((place) => reader.print(place))] : []
    return `## ${specifier}\n\n\`\`\`ts\n${[...exported, ...hidden].join('\n\n')}\n\`\`\`\n`
  })
  return sections.join('\n')
}

/** A declaration: a name in a file of this package, or in another package. */
interface Place {
  readonly file: string
  readonly name: string
  readonly foreign: boolean
}

const keyOf = ({ file, name }: Place): string => `${file}#${name}`

class PackageReader {
  readonly #readFile: ReadFile
  readonly #files = new Map<string, DeclarationFile>()

  constructor(readFile: ReadFile) {
    this.#readFile = readFile
  }

  exportedNames(file: string): Set<string> {
    const parsed = this.#parse(file)
    const names = new Set(parsed.exports.keys())
    for (const star of parsed.stars) {
      if (!star.startsWith('.')) throw new Error(`${file}: \`export *\` of another package: name what is exported`)
      for (const name of this.exportedNames(this.#resolve(file, star))) names.add(name)
    }
    return names
  }

  /** Follows re-exports and imports to where the name is declared. */
  locate(file: string, exportedName: string): Place {
    const parsed = this.#parse(file)
    const origin = parsed.exports.get(exportedName)
    if (origin) return this.#follow(file, origin)
    for (const star of parsed.stars) {
      const target = this.#resolve(file, star)
      if (this.exportedNames(target).has(exportedName)) return this.locate(target, exportedName)
    }
    throw new Error(`${file} does not export ${exportedName}`)
  }

  /** Every declaration that the given ones use, however far away in this package; other packages' by name alone. */
  reachable(from: readonly Place[]): Place[] {
    const seen = new Map<string, Place>()
    const queue = [...from]
    for (let place = queue.pop(); place; place = queue.pop()) {
      if (seen.has(keyOf(place))) continue
      seen.set(keyOf(place), place)
      if (place.foreign) continue
      const { declarations, imports } = this.#parse(place.file)
      for (const declaration of declarations.get(place.name) ?? []) {
        for (const used of declaration.uses) {
          const imported = imports.get(used)
          if (imported) queue.push(this.#follow(place.file, imported))
          else if (declarations.has(used)) queue.push({ file: place.file, name: used, foreign: false })
        }
      }
    }
    return [...seen.values()]
  }

  print(place: Place, exportedAs?: string): string {
    const prefix = exportedAs === undefined ? '' : 'export '
    if (place.foreign) return `${prefix || 'import '}{ ${place.name} } from '${place.file}'`
    const texts = (this.#parse(place.file).declarations.get(place.name) ?? []).map(({ text }) => prefix + text)
    if (exportedAs !== undefined && exportedAs !== place.name) texts.unshift(`// exported as ${exportedAs}`)
    return texts.join('\n')
  }

  #follow(file: string, { from, name }: { readonly from?: string | undefined; readonly name: string }): Place {
    if (from !== undefined && !from.startsWith('.')) return { file: from, name, foreign: true }
    if (from !== undefined) {
      const target = this.#resolve(file, from)
      return name === '*' ? { file: target, name, foreign: true } : this.locate(target, name)
    }
    const imported = this.#parse(file).imports.get(name)
    return imported ? this.#follow(file, imported) : { file, name, foreign: false }
  }

  /** `./clock.ts` and `./clock.js` are both declared in `clock.d.ts`. */
  #resolve(file: string, specifier: string): string {
    return posix.join(posix.dirname(file), specifier.replace(/\.[jt]s$/, '.d.ts'))
  }

  #parse(file: string): DeclarationFile {
    const known = this.#files.get(file)
    if (known) return known
    const source = this.#readFile(file)
    if (source === undefined) throw new Error(`${file} is missing: was the package built?`)
    const parsed = parseDeclarations(file, source)
    this.#files.set(file, parsed)
    return parsed
  }
}
