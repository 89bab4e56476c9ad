import { clipDetail } from '@hotspare/core'
import type { Verification } from '@hotspare/core/plan'
import type { RunbookHold } from './input.ts'
import { folderOf, shellQuoted } from './shell.ts'

/** One line that people can type: what cannot be seen is taken out. */
function reasonOf({ because }: RunbookHold): string {
  const seen = because.replaceAll(/\p{Default_Ignorable_Code_Point}|\p{Cf}|\p{Cs}/gu, '')
  return clipDetail(seen) || 'a runbook is being followed'
}

/** Sets the hold while the daemon lives. */
export function holdOf(hold: RunbookHold): string {
  return hold.set ?? `hotspare hold set --because ${shellQuoted(reasonOf(hold))}`
}

/** Takes the hold back while the daemon lives. */
export function liftOf(hold: RunbookHold): string {
  return hold.lift ?? 'hotspare hold lift'
}

/** Sets the hold with nothing of Hotspare alive. */
export function holdByHand(hold: RunbookHold, file: string): readonly string[] {
  return [`mkdir -p ${shellQuoted(folderOf(file))}`, `printf '%s\\n' ${shellQuoted(reasonOf(hold))} > ${shellQuoted(file)}`]
}

export function liftByHand(file: string): readonly string[] {
  return [`rm -f ${shellQuoted(file)}`]
}

export function isHeld(file: string): Verification {
  return { command: `test -s ${shellQuoted(file)} && echo held || echo free`, expect: '^held$' }
}

export function isFree(file: string): Verification {
  return { command: `test -e ${shellQuoted(file)} && echo held || echo free`, expect: '^free$' }
}
