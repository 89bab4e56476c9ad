import { clipDetail } from '@hotspare/core'

/** A value of JSON that holds no other. */
export type JsonScalar = string | number | boolean | null

/** What a value in a JSON body has to be. All that is given must hold. */
export interface JsonRule {
  readonly equals?: JsonScalar | undefined
  readonly oneOf?: readonly JsonScalar[] | undefined
  /** A number, not below this. */
  readonly min?: number | undefined
  /** A number, not above this. */
  readonly max?: number | undefined
}

/** A pointer into the document, taken apart, and its rule. */
export interface JsonExpectation {
  readonly pointer: string
  readonly path: readonly string[]
  readonly rule: JsonRule
}

/** A value that is another than it should be, or a number beyond its limit. */
interface JsonMismatch {
  readonly reason: 'unexpected' | 'limit'
  /** `"/queue/depth" is 120, expected at most 100`. */
  readonly text: string
}

/** Values are shown to people, and no more of them than fits in a line with the rest. */
const SHOWN_CHARACTERS = 40

/**
 * Takes a JSON Pointer (RFC 6901) apart: `/members/0/role`; the empty text points at the whole document.
 *
 * @returns undefined for what is no pointer
 */
export function parseJsonPointer(pointer: string): readonly string[] | undefined {
  if (pointer !== '' && !pointer.startsWith('/')) return undefined
  if (/~(?![01])/.test(pointer)) return undefined
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** @returns the first rule that does not hold, or undefined */
export function findMismatch(document: unknown, expectations: readonly JsonExpectation[]): JsonMismatch | undefined {
  for (const { pointer, path, rule } of expectations) {
    const found = look(document, path)
    const mismatch = found.length === 0 ? unexpected('is missing') : mismatchOf(found[0], rule)
    if (mismatch) return { ...mismatch, text: `"${pointer}" ${mismatch.text}` }
  }
  return undefined
}

function mismatchOf(value: unknown, { equals, oneOf, min, max }: JsonRule): JsonMismatch | undefined {
  const is = `is ${show(value)}`
  if (equals !== undefined && value !== equals) return unexpected(`${is}, expected ${show(equals)}`)
  if (oneOf && !oneOf.some((allowed) => value === allowed)) return unexpected(`${is}, expected one of ${oneOf.map(show).join(', ')}`)
  if (min === undefined && max === undefined) return undefined
  if (typeof value !== 'number') return unexpected(`${is}, expected a number`)
  if (min !== undefined && value < min) return { reason: 'limit', text: `${is}, expected at least ${min}` }
  if (max !== undefined && value > max) return { reason: 'limit', text: `${is}, expected at most ${max}` }
  return undefined
}

/** @returns the value in a list, or an empty list where there is none: `null` is a value */
function look(document: unknown, path: readonly string[]): readonly unknown[] {
  let value: unknown = document
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return []
    if (Array.isArray(value) && !/^(?:0|[1-9]\d*)$/.test(step)) return []
    if (!Object.hasOwn(value, step)) return []
    value = Reflect.get(value, step)
  }
  return [value]
}

function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return clipDetail(typeof value === 'string' ? JSON.stringify(value.slice(0, 2 * SHOWN_CHARACTERS)) : String(value), SHOWN_CHARACTERS)
}

function unexpected(text: string): JsonMismatch {
  return { reason: 'unexpected', text }
}
