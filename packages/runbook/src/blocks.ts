import type { Verification } from '@hotspare/core/plan'
import { expectationOf } from './expectation.ts'
import type { RunbookInput } from './input.ts'
import { code, fence, type Inline, joined, inline, paragraph } from './markdown.ts'

/** Where something is typed: a node and how to get to it, or the words that were given. */
export function placeOf({ nodes }: RunbookInput, where: string): Inline {
  const node = nodes.find(({ name }) => name === where)
  if (!node) return inline`${where}`
  const { site, reach } = node
  const known = [...(site === undefined ? [] : [inline`site ${site}`]), ...(reach === undefined ? [] : [code(reach)])]
  return known.length === 0 ? code(where) : inline`${code(where)} (${joined(known, ', ')})`
}

/** The same in short, where its block stands right above. */
export function shortPlaceOf({ nodes }: RunbookInput, where: string): Inline {
  return nodes.some(({ name }) => name === where) ? code(where) : inline`${where}`
}

/** Commands for one machine, and before them the machine. */
export function commandBlocks(intro: Inline, commands: readonly string[]): readonly string[] {
  return [paragraph(intro), fence('sh', commands.join('\n'))]
}

/** @param within what comes before "it must show", such as the time that is allowed */
export function checkBlocks(place: Inline, verification: Verification, within?: Inline): readonly string[] {
  const { words, block } = expectationOf(verification.expect)
  const check = commandBlocks(inline`Check, on ${place}:`, [verification.command])
  const must = within ? inline`${within} it must show` : inline`It must show`
  if (block === undefined) return [...check, paragraph(inline`${must} **${words}**.`)]
  return [...check, paragraph(inline`${must} **${words}**:`), fence('text', block)]
}

/** Who is called when something does not go as printed. */
export function helpOf({ contacts = [] }: RunbookInput): Inline {
  const [first] = contacts
  return first ? inline`call ${joined([first.name, ...(first.phone === undefined ? [] : [code(first.phone)])], ', ')}` : inline`get help`
}

/** `web-1`, `web-2` and `web-3` */
export function listed(names: readonly string[]): Inline {
  const last = names.at(-1) ?? ''
  return names.length < 2 ? code(last) : inline`${joined(names.slice(0, -1).map(code), ', ')} and ${code(last)}`
}
