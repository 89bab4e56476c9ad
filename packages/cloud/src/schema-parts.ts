import { type Clock, systemClock } from '@hotspare/core'
import type { Dispatcher } from 'undici'
import { z } from 'zod'

/** A name of the other side's that stands in paths and in commands that people type: nothing in it needs quotation marks. */
export function idPart(example: string): z.ZodString {
  return z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,511}$/, `expected a name as the provider gives it, like ${example}`)
}

/** A credential: visible ASCII on one line. */
export const secretPart: z.ZodString = z.string().regex(/^[\x21-\x7e]+$/, 'expected visible ASCII characters without spaces')

/** Where an API is reached: an origin with or without a path, without the slash at its end. */
export const urlPart: z.ZodType<string, string> = z.string().transform((text, context) => {
  const url = URL.parse(text)
  if (url && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '' && url.username === '' && url.password === '') {
    return text.replace(/\/+$/, '')
  }
  context.addIssue({ code: 'custom', message: 'expected an http(s) URL without credentials and query' })
  return z.NEVER
})

/** undici's way out, for proxies. */
export const dispatcherPart: z.ZodType<Dispatcher | undefined, Dispatcher | undefined> = z
  .custom<Dispatcher>((value) => hasMethod(value, 'dispatch'), 'expected a dispatcher of undici')
  .optional()
  .transform((value) => value)

export const clockPart: z.ZodDefault<z.ZodType<Clock, Clock>> = z
  .custom<Clock>((value) => hasMethod(value, 'schedule'), 'expected a Clock')
  .default(systemClock)

function hasMethod(value: unknown, method: string): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, method) === 'function'
}
