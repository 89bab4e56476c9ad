import { formatDuration } from '@hotspare/core'
import { z } from 'zod'
import { bounds, type PackageField, packageFields } from './package-field.ts'
import type { Path } from './problem.ts'
import { durationBetween } from './schema-scalars.ts'

/** How the file spells the options of a package, where it is not simply by their names. */
export interface Spelling {
  /** Options that have no key of their own, and the key that they come from. */
  readonly elsewhere?: Readonly<Record<string, string>> | undefined
  /** Keys of options that are called otherwise in the file. */
  readonly keys?: Readonly<Record<string, string>> | undefined
  /** What replaces the schema of an option: it becomes a value of that option. */
  readonly schemas?: Readonly<Record<string, z.ZodType>> | undefined
  /** Defaults of the file's own, by option, where they differ from the package's. */
  readonly fallbacks?: Readonly<Record<string, unknown>> | undefined
}

/** The options of a package as keys of the file. */
export interface FileKeys {
  /** By key. */
  readonly shape: Readonly<Record<string, z.ZodType>>
  /** What the package takes, of what the keys have become. */
  optionsOf(values: Readonly<Record<string, unknown>>): Record<string, unknown>
  /** Where the file has what the package calls `path`. */
  pathOf(path: readonly PropertyKey[]): Path
  /** A text of the package with the words of the file. */
  inFileWords(text: string): string
}

/** What the packages call by the names of Node's own options. */
const USUAL_KEYS: Readonly<Record<string, string>> = { servername: 'serverName', rejectUnauthorized: 'verify' }

/** Options that are secrets, and those whose values may be. */
const SECRETS: ReadonlySet<string> = new Set([
  'password',
  'secret',
  'token',
  'apiKey',
  'accessKey',
  'secretAccessKey',
  'sessionToken',
  'applicationKey',
  'applicationSecret',
  'consumerKey',
])
const SECRET_VALUES: Readonly<Record<string, string>> = { headers: 'header', metadata: 'header', env: 'variable' }

interface Key {
  readonly key: string
  readonly schema: z.ZodType
  readonly inside: FileKeys | undefined
}

/**
 * Derives the keys of the file from the options of a package: `fooMs` is the duration `foo`, mappings likewise, and everything else
 * is what the package says. What it checks besides its fields, the package itself checks later: {@link judgedBy}.
 */
export function fileKeys(schema: z.ZodType, spelling: Spelling = {}): FileKeys {
  const { elsewhere = {}, schemas = {}, fallbacks = {} } = spelling
  const fields = packageFields(schema)
  const keyOf = (option: string) => spelling.keys?.[option] ?? USUAL_KEYS[option] ?? option.replace(/Ms$/, '')
  const called = new Map([...fields.keys()].map((option) => [option, elsewhere[option] ?? keyOf(option)]))
  const inFileWords = (text: string) => wordsOf(text, called)
  const keys = new Map<string, Key>()
  for (const [option, packaged] of fields) {
    if (option in elsewhere) continue
    const field = option in fallbacks ? { ...packaged, fallback: fallbacks[option] } : packaged
    const own = schemas[option]
    const inside = own === undefined && field.type instanceof z.ZodObject ? fileKeys(field.type) : undefined
    const type = own ?? typeOf(option, field, inside)
    keys.set(option, {
      key: keyOf(option),
      inside,
      schema: withRest(option, type, field).describe(own?.description ?? inFileWords(field.description)),
    })
  }
  return {
    shape: Object.fromEntries([...keys.values()].map(({ key, schema: each }) => [key, each])),
    optionsOf: (values) =>
      Object.fromEntries([...keys].flatMap(([option, { key }]) => (values[key] === undefined ? [] : [[option, values[key]]]))),
    pathOf([first, ...rest]) {
      if (first === undefined) return []
      const { key, inside } = keys.get(String(first)) ?? {}
      const own = key ?? called.get(String(first)) ?? String(first)
      return [own, ...(inside ? inside.pathOf(rest) : rest.map((part) => (typeof part === 'number' ? part : String(part))))]
    },
    inFileWords,
  }
}

/** The type of a key, without its default. */
function typeOf(option: string, { type }: PackageField, inside: FileKeys | undefined): z.ZodType {
  if (option.endsWith('Ms')) {
    const { least, most } = bounds(type)
    return durationBetween(least, most)
  }
  if (inside) return z.strictObject(inside.shape).transform((values) => inside.optionsOf(values))
  if (SECRETS.has(option)) return type.meta({ title: option, examples: [`\${env:${option.toUpperCase()}}`], writeOnly: true })
  const of = SECRET_VALUES[option]
  if (of !== undefined && type instanceof z.ZodRecord && type.valueType instanceof z.ZodType) {
    return z.record(
      z.string().meta({ title: `${of} name` }),
      type.valueType.meta({ title: `${of} value`, examples: ['hotspare'], writeOnly: true }),
    )
  }
  return type
}

/** The default of the package, as the file would spell it. */
function withRest(option: string, type: z.ZodType, { fallback, required }: PackageField): z.ZodType {
  if (required) return type
  if (fallback === undefined) return type.optional()
  return type.prefault(option.endsWith('Ms') && typeof fallback === 'number' ? formatDuration(fallback) : fallback)
}

/** Durations carry their unit themselves. */
function wordsOf(text: string, called: ReadonlyMap<string, string>): string {
  const plain = text.replaceAll(/,? in milliseconds\b/g, '').replaceAll('by this many milliseconds', 'by this much')
  // In plain words an option is only meant where it cannot be a word of the sentence.
  return plain.replaceAll(/(\bneeds |`)?\b([A-Za-z][A-Za-z0-9]*)\b/g, (whole, before: string | undefined, word: string) => {
    const isName = before !== undefined || /[A-Z]/.test(word)
    return isName ? `${before ?? ''}${called.get(word) ?? word}` : whole
  })
}

/**
 * Lets a package judge its options as a whole. What it finds is told at the keys of the file, as it stands.
 *
 * @returns the options as the package understands them, or undefined where something was wrong
 */
export function judgedBy<Options>(
  schema: z.ZodType<Options>,
  options: Readonly<Record<string, unknown>>,
  keys: Pick<FileKeys, 'pathOf' | 'inFileWords'>,
  context: z.RefinementCtx,
): Options | undefined {
  const judged = schema.safeParse(options)
  if (judged.success) return judged.data
  for (const { path, message } of judged.error.issues) {
    context.addIssue({ code: 'custom', path: [...keys.pathOf(path)], message: keys.inFileWords(message), params: { isWhole: true } })
  }
  return undefined
}
