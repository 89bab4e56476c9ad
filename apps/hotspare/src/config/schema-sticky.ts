import { stickyCookieDefaults } from '@hotspare/balance/sticky-cookie'
import { formatDuration } from '@hotspare/core'
import { z } from 'zod'
import type { Reading } from './addresses.ts'
import type { StickyConfig } from './config-balance.ts'
import { cookieNameSchema } from './schema-balance.ts'
import { durationSchema, readable } from './schema-scalars.ts'

export interface StickyInput {
  readonly cookie?: string | undefined
  readonly secrets: string[]
  readonly maxAge?: string | undefined
  readonly secure?: boolean | undefined
  readonly sameSite?: StickyConfig['sameSite'] | undefined
  readonly path?: string | undefined
}

const LONGEST_SECRET = 1_024
const { leastKeyBytes, mostKeys } = stickyCookieDefaults

const stickySecretSchema = readable(
  (text): Reading<string> =>
    Buffer.byteLength(text) >= leastKeyBytes && text.length <= LONGEST_SECRET
      ? { ok: true, value: text }
      : { ok: false, hint: `${leastKeyBytes} bytes or more; \`openssl rand -base64 32\` makes a good one` },
  { title: 'secret', examples: ['${env:STICKY_SECRET}'], writeOnly: true },
)

/** What may stand in the attribute of a cookie (RFC 6265, 4.1.1). */
const COOKIE_PATH = /^\/[\x21-\x3a\x3c-\x7e]{0,255}$/

export const stickySchema: z.ZodType<StickyConfig, StickyInput> = z
  .strictObject({
    cookie: cookieNameSchema
      .prefault(stickyCookieDefaults.name)
      .describe('Name of the cookie. Pools that the same browsers reach need different ones: they tell no ports apart.'),
    secrets: z
      .array(stickySecretSchema)
      .min(1)
      .max(mostKeys)
      .describe(
        `What signs the cookie, ${leastKeyBytes} bytes or more each: keep them over a restart, and out of the file: \${env:NAME} or \${file:/path}. The first one signs, all are accepted: to replace one, put the new one in front, and take the old one out after \`maxAge\`.`,
      ),
    maxAge: durationSchema('1s', '24d')
      .prefault(formatDuration(1_000 * stickyCookieDefaults.maxAgeSeconds))
      .refine((ms) => ms % 1_000 === 0, { error: 'whole seconds' })
      .describe('How long a client stays, from the answer that gave it the cookie.'),
    secure: z
      .boolean()
      .prefault(true)
      .describe('Whether browsers keep the cookie, and send it, over HTTPS alone. Over plain HTTP it then has no effect.'),
    sameSite: z
      .enum(['lax', 'strict', 'none'])
      .prefault('lax')
      .describe('Whether other sites may send it along: `lax` with links, `strict` never, `none` always, which needs `secure`.'),
    path: readable(
      (text): Reading<string> =>
        COOKIE_PATH.test(text) ? { ok: true, value: text } : { ok: false, hint: 'it begins with "/" and has no spaces and no ";"' },
      { title: 'path', examples: ['/shop'] },
    )
      .prefault('/')
      .describe('Below which path the cookie is sent.'),
  })
  .superRefine(({ sameSite, secure }, context) => {
    if (sameSite !== 'none' || secure) return
    const message = 'browsers refuse a cookie with "sameSite: none" that is not secure: write "secure: true", or "sameSite: lax"'
    context.addIssue({ code: 'custom', path: ['sameSite'], message, params: { isWhole: true } })
  })
  .transform(({ maxAge, ...rest }) => ({ ...rest, maxAgeSeconds: maxAge / 1_000 }))
