import { Declarations, type Field, literalsOf } from './declarations.ts'
import { code, listed } from './markdown.ts'
import { loadAppModule, readSource } from './sources.ts'

/** Where the union of all events and its members are declared. */
const FILES = [
  'apps/hotspare/src/events.ts',
  'apps/hotspare/src/maintenance-desk.ts',
  'apps/hotspare/src/certificate-events.ts',
  'apps/hotspare/src/cluster/events.ts',
  'apps/hotspare/src/cluster/fencing/desk.ts',
  'apps/hotspare/src/cluster/sites/watch.ts',
  'apps/hotspare/src/dns/events.ts',
  'apps/hotspare/src/engines/events.ts',
  'apps/hotspare/src/target-board.ts',
  'apps/hotspare/src/traffic-tally.ts',
  'apps/hotspare/src/watch/events.ts',
  'packages/alert/src/events.ts',
  'packages/core/src/emitter.ts',
  'packages/core/src/plan/plan.ts',
  'packages/core/src/verdict.ts',
  'packages/dns/src/answering/events.ts',
  'packages/dns/src/reconcile-events.ts',
  'packages/dns/src/server/events.ts',
  'packages/failover/src/events.ts',
  'packages/failover/src/facts.ts',
  'packages/fence/src/watchdog.ts',
  'packages/health/src/outliers.ts',
  'packages/health/src/outliers/state.ts',
  'packages/heartbeat/src/events.ts',
  'packages/heartbeat/src/channel/events.ts',
  'packages/heartbeat/src/channel/secure.ts',
  'packages/lease/src/events.ts',
  'packages/lease/src/state.ts',
  'packages/proxy/src/engines/engine.ts',
  'packages/vip/src/events.ts',
]

/** What every entry has; said once, above the list. */
const COMMON = new Set(['type', 'at'])

interface EventKind {
  readonly type: string
  readonly fields: readonly Field[]
}

function eventKinds(): readonly EventKind[] {
  const declarations = new Declarations(FILES.map(readSource))
  return declarations.shapes('AppEvent').flatMap(({ fields }) => {
    const types = literalsOf(fields.find(({ name }) => name === 'type')?.type ?? '')
    if (types.length === 0) throw new Error('an event without a literal type')
    return types.map((type) => ({
      type,
      fields: fields.filter(({ name }) => !COMMON.has(name)).map((field) => ({ ...field, type: declarations.spelledOut(field.type) })),
    }))
  })
}

/** The events of the timeline: their fields as they are declared, their sentences as the app itself makes them. */
export async function eventReference(): Promise<string> {
  const { toEntry } = await loadAppModule<{ toEntry: (event: object, sequence: number) => { readonly text: string } }>('events.ts')
  return eventKinds()
    .map(({ type, fields }) => {
      const { event, show } = sample(type, fields)
      const sentence = `> ${escape(show(toEntry(event, 1).text))}`
      return [`## ${code(type)}`, sentence, fields.map(formatField).join('\n')].join('\n\n')
    })
    .join('\n\n')
}

/** Far from any number that a sentence might have of its own, and each on a day of its own: a sentence may show the day alone. */
const FIRST_DAY_MS = Date.UTC(1997, 0, 1, 5, 6, 7)
const DAY_MS = 86_400_000

/** An event in which each field says its own name, so that the sentence shows where which one goes. */
function sample(type: string, fields: readonly Field[]): { readonly event: object; readonly show: (text: string) => string } {
  const spellings: [shown: string, label: string][] = []
  const entries = fields.map((field, index): [string, unknown] => {
    const label = `{${field.name}}`
    if (field.type === 'number' || field.type === 'number | undefined') {
      const number = FIRST_DAY_MS + index * DAY_MS
      const date = new Date(number).toISOString()
      spellings.push([String(number), label], [date, label], [date.slice(0, 10), label])
      return [field.name, number]
    }
    return [field.name, field.type.includes('[]') ? [label] : label]
  })
  return {
    event: { type, at: 0, ...Object.fromEntries(entries) },
    show: (text) => spellings.reduce((shown, [spelling, label]) => shown.replaceAll(spelling, label), text),
  }
}

function formatField({ name, type, optional, doc }: Field): string {
  const words = literalsOf(type)
  const kind = words.length > 0 ? listed(words, 'or') : code(KINDS.get(type) ?? type)
  return `- ${code(name)} (${kind}${optional ? ', optional' : ''})${doc === '' ? '' : `: ${doc}`}`
}

/** Types in the words of JSON; `optional` says the rest. */
const KINDS = new Map([
  ['readonly string[]', 'string[]'],
  ['string | undefined', 'string'],
  ['number | undefined', 'number'],
])

/** Braces would be Vue's. */
function escape(text: string): string {
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => `*${name}*`)
}
