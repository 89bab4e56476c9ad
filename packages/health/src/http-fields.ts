import { z } from 'zod'
import { headersProblem } from './http-headers.ts'

// Options that every probe has which asks in HTTP.

/** @returns a check for `superRefine`, made of a function that says what is wrong with a value */
export function refineWith<Value>(problemOf: (value: Value) => string | undefined): (value: Value, context: z.RefinementCtx) => void {
  return (value, context) => {
    const message = problemOf(value)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  }
}

/** A URL without user and password, by one of two schemes. */
export function urlField(plain: 'http' | 'ws', example: string): z.ZodString {
  const schemes = [plain, `${plain}s`]
  const problemOf = (text: string): string | undefined => {
    if (!URL.canParse(text)) return `must be a URL like ${example}`
    const { protocol, username, password } = new URL(text)
    if (!schemes.includes(protocol.slice(0, -1))) return `must begin with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`
    return username || password ? 'must not hold a user or a password: set headers.authorization' : undefined
  }
  return z
    .string()
    .max(8_192)
    .superRefine(refineWith(problemOf))
    .describe(`What is asked for, ${schemes.map((scheme) => `${scheme}:`).join(' or ')}.`)
}

/** @param problemOf what else there is to say against these headers */
export function headersField(
  problemOf: (headers: Readonly<Record<string, string>>) => string | undefined = () => undefined,
): z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>> {
  return z
    .record(z.string(), z.string())
    .superRefine(refineWith((headers) => headersProblem(headers) ?? problemOf(headers)))
    .default({})
    .describe('Header fields of the request; `host` may be set.')
}
