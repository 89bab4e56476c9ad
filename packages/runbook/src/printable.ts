import type { RunbookInput } from './input.ts'
import { holdOf, liftOf } from './hold-commands.ts'

/** Longer than any host's name, and a title still fits on a page. */
const NAME_CHARACTERS = 100

/** What is printed letter by letter, and what stands against it. */
interface PrintedText {
  readonly path: readonly PropertyKey[]
  readonly text: string
  readonly problem: string | undefined
}

/** Everything that is printed as it is: what cannot be seen, or typed, must not be in there. */
export function everyCommandOf(input: RunbookInput): readonly PrintedText[] {
  const { plan, nodes, service } = input
  const proofs = input.mode === 'manual-takeover' ? input.proofOfOff : []
  return [
    name(['plan', 'service'], plan.service),
    ...nodes.flatMap((node, index) => [name(['nodes', index, 'name'], node.name), line(['nodes', index, 'holdFile'], node.holdFile)]),
    line(['hold', 'set'], holdOf(input.hold)),
    line(['hold', 'lift'], liftOf(input.hold)),
    ...plan.steps.flatMap((step, index) => instruction(['plan', 'steps', index], step)),
    ...proofs.flatMap(({ manual, verification }, index) => instruction(['proofOfOff', index], { manual, verification })),
    ...(service.finalChecks ?? []).flatMap(({ verification }, index) => check(['service', 'finalChecks', index], verification)),
  ]
}

type Path = readonly PropertyKey[]

interface Typed {
  readonly manual: readonly string[]
  readonly undo?: readonly string[] | undefined
  readonly verification: Checked
}

interface Checked {
  readonly command: string
  readonly expect: string
}

function instruction(path: Path, { manual, undo = [], verification }: Typed): readonly PrintedText[] {
  return [
    ...manual.map((text, index) => command([...path, 'manual', index], text)),
    ...undo.map((text, index) => command([...path, 'undo', index], text)),
    ...check(path, verification),
  ]
}

function check(path: Path, verification: Checked): readonly PrintedText[] {
  return [
    command([...path, 'verification', 'command'], verification.command),
    line([...path, 'verification', 'expect'], verification.expect),
  ]
}

function name(path: Path, text: string): PrintedText {
  const isLong = text.length > NAME_CHARACTERS
  return { path, text, problem: isLong ? `is longer than ${NAME_CHARACTERS} characters` : line(path, text).problem }
}

function line(path: Path, text: string): PrintedText {
  return { path, text, problem: /[\n\t]/.test(text) ? 'is more than one line, or has a tab' : command(path, text).problem }
}

function command(path: Path, text: string): PrintedText {
  return { path, text, problem: problemOf(text) }
}

function problemOf(text: string): string | undefined {
  if (text.trim() === '') return 'is empty'
  // Whole categories: controls, what changes the direction of writing, spaces that are none of the keyboard's.
  const unseen = /(?![ \n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Zs}\p{Default_Ignorable_Code_Point}]/u
  if (unseen.test(text)) return 'holds a character that cannot be seen or typed'
  // The next line would become a part of it.
  if (/(?<!\\)(?:\\\\)*\\$/.test(text)) return 'ends in a backslash'
  return undefined
}
