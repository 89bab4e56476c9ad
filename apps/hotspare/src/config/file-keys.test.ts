import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fileKeys, judgedBy } from './file-keys.ts'

const milliseconds = z.int().min(1).max(60_000)
const options = z
  .strictObject({
    host: z.string().describe('A name.'),
    waitMs: milliseconds.default(1_500).describe('How long, in milliseconds.'),
    graceMs: milliseconds.or(z.literal(0)).optional().describe('And then, after waitMs.'),
    type: z.enum(['A', 'B']).default('A').describe('Which.'),
    password: z.string().min(1).optional().describe('Sent.'),
    headers: z.record(z.string(), z.string()).default({}).describe('Added.'),
    tls: z
      .strictObject({
        servername: z.string().optional().describe('A name.'),
        rejectUnauthorized: z.boolean().optional().describe('`false` accepts any.'),
        sessionMs: milliseconds.optional().describe('How long, in milliseconds.'),
      })
      .default({})
      .describe('How TLS is spoken.'),
  })
  .refine(({ waitMs, graceMs = 0 }) => graceMs <= waitMs, { path: ['graceMs'], message: 'must not be longer than waitMs' })
  .refine(({ tls }) => tls.servername !== 'bad', { path: ['tls', 'servername'], message: 'is bad: type needs type: A' })

const keys = fileKeys(options, { elsewhere: { host: 'address' }, keys: { type: 'recordType' } })
const schema = z.strictObject(keys.shape)
const json = z.toJSONSchema(schema, { io: 'input' })

/** What is wrong, as the loader is told it. */
function complaints(written: Record<string, unknown>): unknown[] {
  const whole = schema.transform((values, context) => judgedBy(options, { ...keys.optionsOf(values), host: 'h' }, keys, context))
  return (whole.safeParse(written).error?.issues ?? []).map(({ path, message }) => [path, message])
}

describe('the keys that are made from the options of a package', () => {
  it('point at themselves where the package finds something wrong with them together, in the words of the file', () => {
    expect(complaints({ wait: '1s', grace: '2s' })).toEqual([[['grace'], 'must not be longer than wait']])
    expect(complaints({ tls: { serverName: 'bad' } })).toEqual([[['tls', 'serverName'], 'is bad: type needs recordType: A']])
    expect(complaints({ wait: '2s', grace: '0s' })).toEqual([])
  })

  it('refuse what lies beyond the bounds of the package, and what it does not know', () => {
    expect(complaints({ wait: '2m' })).toEqual([[['wait'], 'the longest here is 1m']])
    expect(complaints({ wait: 5 })).toEqual([[['wait'], expect.any(String)]])
    expect(complaints({ waitMs: 5 })).toEqual([[[], expect.stringContaining('waitMs')]])
    expect(complaints({ tls: { servername: 'a' } })).toEqual([[['tls'], expect.stringContaining('servername')]])
  })

  it('become the options of the package, with its defaults', () => {
    const values = schema.parse({ grace: '250ms', recordType: 'B', tls: { verify: false, session: '1s' } })
    expect(keys.optionsOf(values)).toEqual({
      waitMs: 1_500,
      graceMs: 250,
      type: 'B',
      headers: {},
      tls: { rejectUnauthorized: false, sessionMs: 1_000 },
    })
  })

  it('are described as the file spells them, and a secret is marked as one', () => {
    expect(json.properties).toMatchObject({
      wait: { title: 'duration', default: '1.5s', description: 'How long.' },
      grace: { title: 'duration', description: 'And then, after wait.' },
      recordType: { default: 'A' },
      password: { title: 'password', writeOnly: true },
      headers: { additionalProperties: { title: 'header value', writeOnly: true } },
      tls: { properties: { verify: {}, serverName: {}, session: { title: 'duration' } } },
    })
    expect(json.properties).not.toHaveProperty('host')
    expect(json.required).toBeUndefined()
  })

  it('say which of them are needed', () => {
    expect(z.toJSONSchema(z.strictObject(fileKeys(options).shape), { io: 'input' }).required).toEqual(['host'])
  })
})
