import { assertNever } from '@hotspare/core'
import type { z } from 'zod'
import { type Finding, type Path, quote } from './problem.ts'
import { describe, type SchemaGuide, type SchemaNode, valueAt } from './schema-guide.ts'
import { otherName, otherWord } from './other-names.ts'
import { shapeHint } from './shape-hints.ts'
import { closest, suggestion } from './suggest.ts'

type Issue = z.core.$ZodIssue

/** What a message may show of the file. */
export interface FileView {
  readonly guide: SchemaGuide
  /** The file with its secrets in it. */
  readonly value: unknown
  /** What a text refers to, as the file spells it (`${env:TOKEN}`), or undefined for a text that stands in the file itself. */
  reference(path: Path): string | undefined
}

/** Puts the schema's complaints into words for people. */
export function findingsOf(issues: readonly Issue[], view: FileView): Finding[] {
  const told = new Set<string>()
  // A text where a list is wanted is of the wrong kind, and as a text too long as well: that is one thing.
  return issues
    .flatMap((issue) => findings(issue, pathOf(issue.path), view))
    .filter(({ path, at, message }) => {
      const key = JSON.stringify([path, at, message])
      return !told.has(key) && told.add(key)
    })
}

function findings(issue: Issue, path: Path, view: FileView): Finding[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, view))
    case 'invalid_key': {
      const name = String(path.at(-1))
      const at = { keyInside: name }
      return [{ path: path.slice(0, -1), at, message: `the name ${quote(name)} is not allowed`, hint: issue.issues[0]?.message }]
    }
    case 'invalid_union':
      return unionFindings(issue, path, view)
    case 'too_small':
    case 'too_big':
      return [issue.origin === 'array' ? wrongLength(issue, path) : unexpected(path, view)]
    case 'invalid_format':
    case 'custom':
      // Right by itself, and wrong beside the rest.
      if (issue.code === 'custom' && issue.params?.['isWhole'] === true)
        return [{ path, message: withoutOutside(issue.message, path, view) }]
      // A list or mapping of the right kind, with something wrong in the whole of it.
      return [isScalar(valueAt(view.value, path)) ? unexpected(path, view, issue.message) : { path, message: issue.message }]
    case 'invalid_value':
    case 'invalid_type':
    case 'invalid_element':
    case 'not_multiple_of':
      return [unexpected(path, view)]
    default:
      return assertNever(issue)
  }
}

function unknownKey(key: string, path: Path, view: FileView): Finding {
  return { path, at: { keyInside: key }, message: `unknown key ${quote(key)}`, hint: unknownKeyHint(key, path, view) }
}

function unknownKeyHint(key: string, path: Path, view: FileView): string {
  const known = view.guide.keys(path, view.value)
  const meant = otherName(key, known)
  if (meant !== undefined) return `did you mean ${quote(meant)}?`
  const without = view.guide.lackedBy(key, path, view.value)
  if (without !== undefined) return `"${without}" has none`
  const owner = view.guide.ownerOf(key, path, view.value)
  return owner === undefined ? suggestion(key, known, 'known here') : `it belongs to "${owner}"`
}

const OTHER_KIND: ReadonlySet<Issue['code']> = new Set(['invalid_type', 'invalid_value'])

/** The one variant that the value was meant to be speaks; the others would only confuse. */
function unionFindings(issue: z.core.$ZodIssueInvalidUnion, path: Path, view: FileView): Finding[] {
  const meant = issue.errors.filter((errors) => !errors.some(({ code, path: at }) => at.length === 0 && OTHER_KIND.has(code)))
  const [only] = meant
  if (!only || meant.length > 1) return [unexpected(path, view)]
  return only.flatMap((error) => findings(error, [...path, ...pathOf(error.path)], view))
}

function wrongLength(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, path: Path): Finding {
  const message = issue.code === 'too_small' ? `the list needs at least ${issue.minimum}` : `the list takes at most ${issue.maximum}`
  return { path, message: `${message} ${message.endsWith(' 1') ? 'entry' : 'entries'}` }
}

function unexpected(path: Path, view: FileView, hint?: string): Finding {
  const value = valueAt(view.value, path)
  const expected = expectedAt(path, view)
  if (value === undefined) return { path, message: 'missing', hint: `expected ${expected}` }
  const got = expected.startsWith('a mapping') && isMapping(value) ? keysOf(value) : shownAt(path, view)
  return { path, message: `expected ${expected}, got ${got}`, hint: betterHint(path, view) ?? hint }
}

/** More are not needed to see which mapping is meant. */
const TOLD_KEYS = 4

function keysOf(value: object): string {
  const keys = Object.keys(value).slice(0, TOLD_KEYS)
  return keys.length === 0 ? 'an empty one' : `one with ${keys.map(quote).join(' and ')}`
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A discriminator lies in no variant yet: its constants are what is expected. */
function expectedAt(path: Path, view: FileView): string {
  const choices = choicesAt(path, view)
  return choices.length > 0 ? `one of ${choices.join(', ')}` : view.guide.phrase(path, view.value)
}

function choicesAt(path: Path, view: FileView): string[] {
  const last = path.at(-1)
  return typeof last === 'string' ? view.guide.choices(path.slice(0, -1), last, view.value) : []
}

/** Titles of texts that may be a number in quotation marks. */
const PLAIN_TEXTS = new Set(['name', 'channel name', 'header value', 'variable value', 'text', 'token', 'secret', 'password'])

/** Hints that follow from what was written; those that repeat it are only for what is no secret. */
function betterHint(path: Path, view: FileView): string | undefined {
  const value = valueAt(view.value, path)
  const node = view.guide.at(path, view.value)
  const shape = view.reference(path) === undefined ? shapeHint(value, node) : undefined
  if (shape !== undefined) return shape
  if ((typeof value !== 'string' && typeof value !== 'number') || view.reference(path) !== undefined) return undefined
  const isNumber = /^\d{1,12}(?:\.\d{1,6})?$/.test(String(value).trim())
  if (node?.title === 'duration' && isNumber) return `it has no unit; did you mean "${value}ms" or "${value}s"?`
  if (typeof value === 'number' && node?.title === 'listen address')
    return `did you mean "127.0.0.1:${value}", or ":${value}" for every address?`
  if (typeof value === 'number' && isPlainText(node)) return 'put it into quotation marks to make it a text'
  if (typeof value === 'string' && takesTruth(node) && Object.hasOwn(TRUTHS, value.toLowerCase()))
    return `did you mean ${TRUTHS[value.toLowerCase()]}?`
  const words = node?.enum?.map(String) ?? [...choicesAt(path, view), ...constantsOf(node)]
  const meant = closest(String(value), words) ?? otherWord(String(value), words)
  return meant && `did you mean ${quote(meant)}?`
}

/** What YAML 1.1 read as true and false, and YAML 1.2 reads as texts. */
const TRUTHS: Readonly<Record<string, boolean>> = { on: true, yes: true, off: false, no: false, true: true, false: false }

function takesTruth(node: SchemaNode | undefined): boolean {
  return [node, ...(node?.anyOf ?? [])].some((each) => typeof each === 'object' && each.type === 'boolean')
}

function isPlainText(node: SchemaNode | undefined): boolean {
  return PLAIN_TEXTS.has(node?.title ?? '') || (node?.type === 'string' && node.title === undefined)
}

/** Texts that the value could be, where each of them is a variant of its own. */
function constantsOf(node: SchemaNode | undefined): string[] {
  return (node?.anyOf ?? []).flatMap((each) => (typeof each === 'object' && typeof each.const === 'string' ? [each.const] : []))
}

/** What the file says at `path`, without any secret. */
export function shownAt(path: Path, view: FileView): string {
  const reference = view.reference(path)
  if (reference !== undefined) return `the value of ${reference}`
  const value = valueAt(view.value, path)
  return view.guide.isSecret(path, view.value) && isScalar(value) ? 'a value that is not shown' : describe(value)
}

/** A package may quote what it was given; what came from outside the file is not repeated, however short it is. */
function withoutOutside(message: string, path: Path, view: FileView): string {
  return holdsReference(path, view) ? message.replaceAll(/"[^"]*"/g, 'a value that is not shown') : message
}

function holdsReference(path: Path, view: FileView): boolean {
  if (view.reference(path) !== undefined) return true
  const value = valueAt(view.value, path)
  if (Array.isArray(value)) return value.some((_, index) => holdsReference([...path, index], view))
  return typeof value === 'object' && value !== null && Object.keys(value).some((key) => holdsReference([...path, key], view))
}

function isScalar(value: unknown): boolean {
  return value !== null && typeof value !== 'object'
}

function pathOf(path: readonly PropertyKey[]): Path {
  return path.map((part) => (typeof part === 'symbol' ? String(part) : part))
}
