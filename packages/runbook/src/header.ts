import { formatDuration } from '@hotspare/core'
import type { Plan } from '@hotspare/core/plan'
import { listed } from './blocks.ts'
import type { RunbookContact, RunbookInput } from './input.ts'
import { bullets, code, heading, type Inline, joined, inline, paragraph, table } from './markdown.ts'

/** @param boxes how many boxes there are to tick in all that follows */
export function headerBlocks(input: RunbookInput, boxes: number): readonly string[] {
  const { plan, mode, service, contacts = [] } = input
  const kind = mode === 'switchover' ? 'Planned switchover' : 'Manual takeover'
  return [
    heading(1, inline`${kind} of ${code(plan.service)}`),
    bullets([
      inline`**Move:** ${moveOf(plan)}.`,
      inline`**Why:** ${plan.because}`,
      ...(service.impact === undefined ? [] : [inline`**Impact:** ${service.impact}`]),
      ...(service.recoveryOrder === undefined ? [] : [orderOf(service.recoveryOrder)]),
      inline`**Time:** some ${minutes(boxes)} by hand, one for each box to tick. ${machineTimeOf(plan)}`,
      inline`**Printed:** ${timeText(input.generatedAtMs)}, from Hotspare ${input.version}. If the configuration has changed since, print it anew.`,
    ]),
    ...(contacts.length > 0 ? [paragraph(inline`**People**`), bullets(contacts.map(contactLine))] : []),
    paragraph(inline`**How to follow this page.** From top to bottom, one command at a time, as root on the nodes. Each block of commands is for one
machine, named right above it. After each block look at the check, and tick the box only when it shows what it must. Where it
does not: stop, and read what stands there.`),
    ...(input.mode === 'manual-takeover' ? [paragraph(takeoverWarning(input.off))] : []),
    paragraph(inline`Begun by ................ at ................ (time and zone)`),
    paragraph(
      inline`The steps at a glance; ${mode === 'switchover' ? inline`**the hold comes` : inline`**the hold and the proof come`} before them**:`,
    ),
    overview(plan),
  ]
}

function orderOf(order: NonNullable<RunbookInput['service']['recoveryOrder']>): Inline {
  const places = order.map(({ service, because }) => (because === undefined ? code(service) : inline`${code(service)} (${because})`))
  return inline`**Order:** where several services are down, first ${joined(places, ', then ')}.`
}

function takeoverWarning(off: readonly string[]): Inline {
  return inline`**Only for a node that is dead.** If you can still log in to ${listed(off)}, this is the wrong page: print the one for a
planned switchover.`
}

function moveOf({ from, to }: Plan): Inline {
  if (to === undefined) return from === undefined ? inline`tidy up, active nowhere` : inline`away from ${code(from)}`
  return from === undefined || from === to ? inline`to ${code(to)}` : inline`from ${code(from)} to ${code(to)}`
}

function contactLine({ name, role, phone, email }: RunbookContact): Inline {
  const known = [role, phone === undefined ? undefined : code(phone), email === undefined ? undefined : code(email)]
  return joined(
    [name, ...known.filter((part) => part !== undefined)].map((part) => inline`${part}`),
    ', ',
  )
}

function overview({ steps }: Plan): string {
  const rows = steps.map((step, index) => [
    inline`${String(index + 1)}`,
    code(step.node),
    inline`${step.what}`,
    inline`${formatDuration(step.allowedMs)}`,
    inline`${step.tookMs === undefined ? 'not known' : formatDuration(step.tookMs)}`,
  ])
  return table(['Step', 'Node', 'What', 'At most', 'Last time'], rows)
}

/** What the machine needs for the same; people type more slowly than that. */
function machineTimeOf({ steps }: Plan): string {
  const allowedMs = steps.reduce((sum, step) => sum + step.allowedMs, 0)
  const tookMs = steps.reduce<number | undefined>(
    (sum, { tookMs: took }) => (sum === undefined || took === undefined ? undefined : sum + took),
    0,
  )
  const took = tookMs === undefined ? '' : ` and took ${formatDuration(tookMs)} the last time`
  return `The machine itself is allowed ${formatDuration(allowedMs)}${took}.`
}

function minutes(count: number): string {
  return count === 1 ? '1 minute' : `${count} minutes`
}

function timeText(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
