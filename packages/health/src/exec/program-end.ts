/** How the run of a program went. */
export type ProgramEnd =
  | ({ readonly kind: 'exited'; readonly code: number } & ProgramOutput)
  | ({ readonly kind: 'killed'; readonly by: string } & ProgramOutput)
  /** It wrote more than is read, and was ended. */
  | { readonly kind: 'flooded'; readonly maxBytes: number }
  | { readonly kind: 'not-started'; readonly error: unknown }

/** What a program wrote, as far as it is kept. */
export interface ProgramOutput {
  readonly stdout: string
  readonly stderr: string
}

/** This machine has no process, no memory or no descriptor left: a check that could not be made says nothing. */
const OWN_SHORTAGE: ReadonlySet<string> = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE'])

const MISUSE: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such program or folder'],
  ['ENOTDIR', 'there is no such program or folder'],
  ['EACCES', 'it may not be run'],
  ['EPERM', 'it may not be run'],
  ['ENOEXEC', 'it is no program'],
  ['E2BIG', 'its arguments are too long'],
])

/** Whether a program could not be started for a reason that passes with the shortage of this machine. */
export function isOwnShortage(code: string | undefined): boolean {
  return code !== undefined && OWN_SHORTAGE.has(code)
}

/** What is wrong with a program that cannot be started, for people; undefined for what is not known. */
export function startProblem(code: string | undefined): string | undefined {
  return code === undefined ? undefined : MISUSE.get(code)
}

/** The first line that says something, of stdout before stderr. */
export function firstLine({ stdout, stderr }: ProgramOutput): string | undefined {
  for (const text of [stdout, stderr]) {
    const line = text.split(/[\r\n]/).find((candidate) => candidate.trim() !== '')
    if (line !== undefined) return line.trim()
  }
  return undefined
}
