import { keyedDefaults, poolDefaults } from '@hotspare/balance'
import { stickyCookieDefaults } from '@hotspare/balance/sticky-cookie'
import { Declarations, type Field } from '../declarations.ts'
import { code, table } from '../markdown.ts'
import { readSource } from '../sources.ts'

/** Options that something takes. */
export interface Taken {
  /** The interface, or the type that stands for one. */
  readonly type: string
  /** Which of its fields, in this order; by default all. */
  readonly only?: readonly string[] | undefined
  /** What the code itself takes where an option is left out, by the name of the option. */
  readonly defaults?: Readonly<Record<string, number | string | boolean>> | undefined
  /** In front of each name: `slowStart.`. */
  readonly under?: string | undefined
}

const FILES = [
  'bounded-load',
  'envoy-ring',
  'least-request',
  'maglev-table',
  'maglev',
  'peak-ewma',
  'pool-options',
  'queue',
  'random-choice',
  'request-key',
  'ring-hash',
  'slow-start',
  'sticky-cookie',
  'subset',
  'target',
]

const declarations = new Declarations(FILES.map((file) => readSource(`packages/balance/src/${file}.ts`)))

const { weight, tier, ...ofPools } = poolDefaults

/** Of each type: the numbers that its code reads, not what its comments say. */
export const takenBy: Readonly<Record<string, readonly Taken[]>> = {
  'least-request': [{ type: 'LeastRequestOptions', defaults: poolDefaults }],
  'peak-ewma': [{ type: 'PeakEwmaOptions', defaults: poolDefaults }],
  random: [{ type: 'RandomOptions' }],
  'ring-hash': [{ type: 'RingHashOptions', defaults: keyedDefaults }],
  maglev: [{ type: 'MaglevOptions', defaults: { size: keyedDefaults.maglevSize } }],
  'bounded-load': [{ type: 'BoundedLoadOptions', defaults: keyedDefaults }],
  tiers: [
    { type: 'PoolTarget', only: ['tier', 'weight'], defaults: { weight, tier }, under: 'targets[].' },
    { type: 'PoolOptions', only: ['overprovisioningFactor', 'panicThreshold', 'panic'], defaults: ofPools },
  ],
  zones: [
    { type: 'PoolTarget', only: ['zone'], under: 'targets[].' },
    { type: 'PoolOptions', only: ['zoneWeights'] },
  ],
  'slow-start': [{ type: 'SlowStartOptions', defaults: poolDefaults, under: 'slowStart.' }],
  sticky: [
    { type: 'StickyCookieOptions', defaults: { maxAgeSeconds: stickyCookieDefaults.maxAgeSeconds, name: stickyCookieDefaults.name } },
  ],
  limits: [
    { type: 'PoolTarget', only: ['limit'], under: 'targets[].' },
    { type: 'QueueOptions', only: ['size', 'timeoutMs'], under: 'createQueue: ' },
  ],
  subsetting: [{ type: 'SubsetOptions' }],
  keys: [{ type: 'RequestKeyOptions', only: ['depth', 'length', 'pathOnly', 'whole'] }],
}

/** A table of options: meanings as the package documents them, defaults as its code has them. */
export function optionTable(name: string): string {
  const rows = (takenBy[name] ?? []).flatMap(rowsOf)
  if (rows.length === 0) throw new Error(`nothing is known of the options of ${name}`)
  return table(['Option', 'Meaning', 'Default'], rows)
}

function rowsOf({ type, only, defaults = {}, under = '' }: Taken): string[][] {
  return fieldsOf(type, only).map((field) => {
    const { meaning, fallback } = split(field.doc)
    const isWritten = field.type.includes(`'${fallback}'`) || /^(?:true|false)$/.test(fallback)
    const own = Object.hasOwn(defaults, field.name) ? String(defaults[field.name]) : undefined
    const said = isWritten ? code(fallback) : fallback
    return [`${code(`${under}${field.name}`)}${field.optional ? '' : ' (required)'}`, meaning, own === undefined ? said : code(own)]
  })
}

/** The fields of a type, or of all variants of a union; each once. */
export function fieldsOf(type: string, only?: readonly string[]): Field[] {
  const all = declarations.shapes(type).flatMap(({ fields }) => fields)
  const fields = [...new Map(all.toReversed().map((field) => [field.name, field])).values()].toReversed()
  if (!only) return fields.map(spelledOut)
  return only.map((name) => {
    const field = fields.find((each) => each.name === name)
    if (!field) throw new Error(`${type} has no ${name}`)
    return spelledOut(field)
  })
}

/** What another type says of the same option takes the place of the reference to it. */
function spelledOut(field: Field): Field {
  const [reference, type = ''] = /^See \{@link (\w+)\}; /.exec(field.doc) ?? []
  if (reference === undefined) return field
  const other = fieldsOf(type, [field.name])[0]
  return { ...field, doc: `${split(other?.doc ?? '').meaning} ${upper(field.doc.slice(reference.length))}` }
}

/** A meaning, and the default that its comment ends with. */
export function split(doc: string): { readonly meaning: string; readonly fallback: string } {
  const [, meaning = '', fallback = ''] = /^(.*?)\s*(?:Default: (.*))?$/.exec(doc) ?? []
  return { meaning: meaning.replaceAll(/\{@link (\w+)\}/g, (_, name: string) => code(name)), fallback }
}

function upper(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}
