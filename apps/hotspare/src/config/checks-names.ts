import { type FileView, shownAt } from './issues.ts'
import { type Finding, type Path, quote } from './problem.ts'
import { suggestion } from './suggest.ts'

/** A place of the file that names another. */
export interface Reference {
  readonly path: Path
  readonly name: string
}

/** A name for a message; one that came from outside is not repeated. */
export function shownName(path: Path, name: string, view: FileView): string {
  return view.reference(path) === undefined ? quote(name) : shownAt(path, view)
}

/** Places that name what is not there. */
export function unknownNames(kind: string, references: readonly Reference[], known: readonly string[], view: FileView): Finding[] {
  return references.flatMap(({ path, name }) => {
    if (known.includes(name)) return []
    const fromSecret = view.reference(path) !== undefined
    const hint = fromSecret ? undefined : suggestion(name, known, `known ${kind}s`)
    return [{ path, message: `there is no ${kind} ${fromSecret ? `named as ${shownAt(path, view)}` : quote(name)}`, hint }]
  })
}
