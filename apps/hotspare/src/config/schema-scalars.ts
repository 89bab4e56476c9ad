import { formatDuration, HotspareError, parseDuration } from '@hotspare/core'
import { parseStatusRanges } from '@hotspare/health/http'
import { z } from 'zod'
import { type OriginAddress, type Reading, readListen, readOrigin } from './addresses.ts'
import type { ListenAddress, NamedSecret } from './config.ts'

// Two conventions carry the error messages. A scalar's `title` and first `examples` entry say what is expected
// ("a duration like 500ms"), and the message of a failed check is the hint: what to write, never what was written,
// since that may be a secret. `writeOnly` marks the values that are secrets wherever they come from.

/** A text that `read` understands. */
/** One of the choices of a discriminated union, in a file of its own. */
export type Choice<Output, Input> = z.ZodType<Output, Input> & z.core.$ZodTypeDiscriminable

export function readable<Value>(
  read: (text: string) => Reading<Value>,
  meta: { readonly title: string; readonly examples: string[]; readonly writeOnly?: true },
): z.ZodType<Value, string> {
  // On the text itself: what stands on a transformed schema describes its output, and editors look at the input.
  return z
    .string()
    .meta(meta)
    .transform((text, context): Value => {
      const reading = read(text)
      if (reading.ok) return reading.value
      context.addIssue({ code: 'custom', message: reading.hint })
      return z.NEVER
    })
}

/** Letters and digits first, so that a name is neither an option nor a hidden property such as `__proto__`. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,62}$/

export const nameSchema: z.ZodType<string, string> = z
  .string()
  .regex(NAME, { error: 'up to 63 letters, digits, "-", "_", "." and ":"; a letter or digit first' })
  .meta({ title: 'name', examples: ['web-1'] })

/** Nodes and services: their names are also those of lease holders and leases, which take no colon. */
const MEMBER_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/

export const memberNameSchema: z.ZodType<string, string> = z
  .string()
  .regex(MEMBER_NAME, { error: 'up to 63 letters, digits, "-", "_" and "."; a letter or digit first' })
  .meta({ title: 'name', examples: ['web-1'] })

/** @param shortest @param longest as a file spells them */
export function durationSchema(shortest: string, longest: string): z.ZodType<number, string> {
  return durationBetween(parseDuration(shortest), parseDuration(longest))
}

export function durationBetween(shortestMs: number, longestMs: number): z.ZodType<number, string> {
  return readable((text) => readDuration(text, { shortestMs, longestMs }), { title: 'duration', examples: ['500ms'] })
}

function readDuration(text: string, bounds: { readonly shortestMs: number; readonly longestMs: number }): Reading<number> {
  const durationMs = tryDuration(text)
  if (durationMs === undefined) return { ok: false, hint: 'write a number and a unit, like 500ms, 30s, 10m or 1h' }
  if (durationMs < bounds.shortestMs) return { ok: false, hint: `the shortest here is ${formatDuration(bounds.shortestMs)}` }
  if (durationMs > bounds.longestMs) return { ok: false, hint: `the longest here is ${formatDuration(bounds.longestMs)}` }
  return { ok: true, value: durationMs }
}

function tryDuration(text: string): number | undefined {
  try {
    return parseDuration(text)
  } catch (error) {
    if (HotspareError.is(error)) return undefined
    throw error
  }
}

export const listenSchema: z.ZodType<ListenAddress, string> = readable(readListen, {
  title: 'listen address',
  examples: ['127.0.0.1:8080', '[::1]:8080', ':8080'],
})

export const originSchema: z.ZodType<OriginAddress, string> = readable(readOrigin, {
  title: 'target URL',
  examples: ['http://10.0.0.11:8080'],
})

const statusTextSchema = readable(readStatus, { title: 'status list', examples: ['200-399', '200,204'] })

/** `200-399`, `200,204`, or one code as a number. */
export const statusSchema: z.ZodType<string, string | number> = z.union([
  statusTextSchema,
  z
    .int()
    .min(100)
    .max(599)
    .transform((code) => String(code)),
])

function readStatus(text: string): Reading<string> {
  if (parseStatusRanges(text) !== undefined) return { ok: true, value: text }
  return { ok: false, hint: 'write codes from 100 to 599 and ranges, like 200-299,304' }
}

/** A path of this length fits into the URL of a probe even where every character is percent-encoded. */
const LONGEST_PATH = 2_048

/** Path and query of a URL. */
export const pathSchema: z.ZodType<string, string> = z
  .string()
  // Two slashes would begin another host; a fragment is never sent.
  .regex(/^\/(?![/\\])[\x21\x22\x24-\x5b\x5d-\x7e]*$/, { error: 'it starts with one "/" and has no spaces, "#" or "\\"' })
  .max(LONGEST_PATH)
  .meta({ title: 'path', examples: ['/healthz'] })

/** A text that is not empty, on one line. */
export function textSchema(title: string, example: string): z.ZodType<string, string> {
  return readable((text) => (/^[^\r\n\0]+$/.test(text) ? { ok: true, value: text } : { ok: false, hint: 'one line, not empty' }), {
    title,
    examples: [example],
  })
}

/** What a header can carry as a credential (RFC 6750 is narrower; older tokens are not). */
export const tokenSchema: z.ZodType<string, string> = readable(
  (text) =>
    /^[\x21-\x7e]+$/.test(text) ? { ok: true, value: text } : { ok: false, hint: 'visible ASCII characters without spaces or line breaks' },
  { title: 'token', examples: ['${env:HOTSPARE_TOKEN}'], writeOnly: true },
)

/** What is wrong with a part of a header, in the words of the package that sends it; or undefined. */
type HeaderCheck = (text: string) => string | undefined

/** The value of one header. */
export function headerValueSchema(title: string, example: string, problemOf: HeaderCheck): z.ZodType<string, string> {
  return readable((text) => readWith(problemOf, text), { title, examples: [example] })
}

/** Field names and values of a request; a value may be a credential. */
export function headersSchema(
  nameProblem: HeaderCheck,
  valueProblem: HeaderCheck,
): z.ZodType<Record<string, string>, Record<string, string>> {
  const names = z.string().superRefine((name, context) => {
    const message = nameProblem(name)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
  return z.record(
    names.meta({ title: 'header name', examples: ['x-probe'] }),
    readable((text) => readWith(valueProblem, text), { title: 'header value', examples: ['hotspare'], writeOnly: true }),
  )
}

function readWith(problemOf: HeaderCheck, text: string): Reading<string> {
  const hint = problemOf(text)
  return hint === undefined ? { ok: true, value: text } : { ok: false, hint }
}

/** What nodes share: the key of signatures and of encryption. */
export const secretSchema: z.ZodType<string, string> = readable(readSharedSecret, {
  title: 'secret',
  examples: ['${env:HOTSPARE_SECRET}'],
  writeOnly: true,
})

/** As the packages that use it ask for: 128 bits, if it comes from a generator. */
const FEWEST_SECRET_BYTES = 16
const LONGEST_SECRET = 1_024

function readSharedSecret(text: string): Reading<string> {
  if (Buffer.byteLength(text) >= FEWEST_SECRET_BYTES && text.length <= LONGEST_SECRET) return { ok: true, value: text }
  return { ok: false, hint: `${FEWEST_SECRET_BYTES} bytes or more; \`openssl rand -base64 32\` makes a good one` }
}

/** Secrets with the ids by which they are told apart while one is replaced by another. */
export function secretsSchema(most: number): z.ZodType<NamedSecret[], NamedSecret[]> {
  return z
    .array(namedSecretSchema)
    .min(1)
    .max(most)
    .refine((secrets) => new Set(secrets.map(({ id }) => id)).size === secrets.length, { error: 'two secrets have the same id' })
}

export const namedSecretSchema: z.ZodType<NamedSecret, NamedSecret> = z.strictObject({
  id: countSchema(1, 255).describe('Names the secret on the wire: one id means one secret everywhere.'),
  secret: secretSchema.describe('16 bytes or more, from a generator. Keep it out of the file: ${env:NAME} or ${file:/path}.'),
})

/** Lets a package's own schema judge one option; its complaint is the hint. `wrap` makes the option of the text. */
export function readOption(
  text: string,
  option: string,
  schema: z.ZodType,
  rest: object,
  wrap: (value: string) => unknown = (value) => value,
): Reading<string> {
  const value = text.trim()
  const { error } = schema.safeParse({ ...rest, [option]: wrap(value) })
  const issue = error?.issues.find(({ path }) => path[0] === option)
  return issue ? { ok: false, hint: issue.message } : { ok: true, value }
}

/** A file or a folder: what a relative path means would depend on how the process was started. */
export const absolutePathSchema: z.ZodType<string, string> = readable(
  (text) =>
    /^\/[^\0\r\n]*$/.test(text) && text.length <= LONGEST_FILE_PATH
      ? { ok: true, value: text.replace(/(?<=.)\/+$/, '') }
      : { ok: false, hint: 'an absolute path: it begins with "/"' },
  { title: 'path', examples: ['/var/lib/hotspare'] },
)

/** Linux's PATH_MAX, less what is put behind it. */
const LONGEST_FILE_PATH = 4_000

/** A whole number within bounds. */
export function countSchema(least: number, most: number): z.ZodType<number, number> {
  return z.int().min(least).max(most)
}

/** An amount in units of people's own: more than nothing, fractions too. */
export const amountSchema: z.ZodType<number, number> = z.number().positive().max(1_000_000_000)
