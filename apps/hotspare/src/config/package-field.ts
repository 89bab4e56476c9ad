import { LONGEST_DELAY_MS } from '@hotspare/core'
import { z } from 'zod'

// Looks into the schemas of packages: what stands around the type of an option, and what is in it.

/** An option of a package, taken out of what stands around its type. */
export interface PackageField {
  readonly type: z.ZodType
  /** Undefined where there is none. */
  readonly fallback: unknown
  readonly required: boolean
  readonly description: string
}

function packageField(schema: z.ZodType): PackageField {
  let type = schema
  let { description } = schema
  let fallback: unknown
  let required = true
  // What becomes of it is the package's affair; that it may be left out stands before that.
  if (type instanceof z.ZodPipe && (type.in instanceof z.ZodOptional || type.in instanceof z.ZodDefault)) type = type.in
  while (type instanceof z.ZodDefault || type instanceof z.ZodPrefault || type instanceof z.ZodOptional) {
    required = false
    if (!(type instanceof z.ZodOptional)) fallback ??= type.def.defaultValue
    const inner: unknown = type.unwrap()
    if (!(inner instanceof z.ZodType)) break
    description ??= inner.description
    type = inner
  }
  return { type, fallback, required, description: description ?? '' }
}

/** The options of a package by their names, whatever it makes of them together. */
export function packageFields(schema: z.ZodType): ReadonlyMap<string, PackageField> {
  const object: unknown = schema instanceof z.ZodPipe ? schema.in : schema
  if (!(object instanceof z.ZodObject)) throw new TypeError('the options of a package are an object')
  const shape: Readonly<Record<string, unknown>> = object.shape
  return new Map(Object.entries(shape).flatMap(([name, field]) => (field instanceof z.ZodType ? [[name, packageField(field)]] : [])))
}

/** One of several kinds of options, and what the key holds that tells it apart. */
export interface PackageVariant {
  readonly schema: z.ZodType
  readonly kind: z.ZodType | undefined
}

/** The kinds of options that a package tells apart by a key; where it tells none apart, the one there is. */
export function packageVariants(schema: z.ZodType, kindKey?: string): readonly PackageVariant[] {
  if (!(schema instanceof z.ZodUnion)) return [{ schema, kind: undefined }]
  return schema.options.flatMap((option): PackageVariant[] => {
    if (!(option instanceof z.ZodType)) return []
    const key = kindKey === undefined ? undefined : packageFields(option).get(kindKey)
    if (!(key?.type instanceof z.ZodEnum)) return [{ schema: option, kind: undefined }]
    // One variant for each word, so that every word is one that can be told by itself.
    return key.type.options.map((word) => ({ schema: option, kind: z.literal(word).describe(key.description) }))
  })
}

/** What a number may be; a number that may also be a constant of its own (0: off) reaches to it. */
export function bounds(type: unknown): { readonly least: number; readonly most: number } {
  if (type instanceof z.ZodUnion) {
    const each = type.options.map(bounds)
    return { least: Math.min(...each.map(({ least }) => least)), most: Math.max(...each.map(({ most }) => most)) }
  }
  if (type instanceof z.ZodLiteral) {
    const values = [...type.values].map(Number)
    return { least: Math.min(...values), most: Math.max(...values) }
  }
  const [least, most] = type instanceof z.ZodNumber ? [type.minValue, type.maxValue] : []
  return { least: Math.max(0, least ?? 0), most: Math.min(LONGEST_DELAY_MS, most ?? LONGEST_DELAY_MS) }
}
