import { expect, it } from 'vitest'
import { configurationReference, type SchemaNode } from './configuration.ts'

const schema: SchemaNode = {
  type: 'object',
  required: ['pools'],
  properties: {
    sure: { type: 'boolean', default: false },
    token: { type: 'string', title: 'token', examples: ['${env:T}'], writeOnly: true, description: 'What clients present.' },
    pools: {
      type: 'object',
      description: 'Groups.',
      propertyNames: { type: 'string', title: 'name' },
      additionalProperties: {
        type: 'object',
        properties: {
          targets: {
            type: 'array',
            minItems: 1,
            maxItems: 1_000,
            items: {
              anyOf: [
                { type: 'string', title: 'URL' },
                { type: 'object', properties: { weight: { type: 'integer', minimum: 0, maximum: 9, default: 1 } } },
              ],
            },
          },
          health: {
            default: { type: 'tcp' },
            oneOf: [
              { type: 'object', properties: { type: { const: 'http', description: 'Asks.' } }, required: ['type'] },
              { type: 'object', properties: { type: { const: 'tcp', description: 'Connects.' } }, required: ['type'] },
            ],
          },
        },
      },
    },
  },
}

const reference = configurationReference(schema)

it('gives every mapping a section, and each variant of one its own', () => {
  expect([...reference.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual([
    'The file {#file}',
    '`pools.NAME` {#pools-name}',
    '`pools.NAME.targets[]` {#pools-name-targets}',
    '`pools.NAME.health (type: http)` {#pools-name-health-type-http}',
    '`pools.NAME.health (type: tcp)` {#pools-name-health-type-tcp}',
  ])
})

it('says for every key what it may be, what it is by default, and what it means', () => {
  expect(reference).toContain('| `token` | token, like `${env:T}` |  | What clients present. A secret. |')
  expect(reference).toContain('| `sure` | `true` or `false` | `false` |  |')
  expect(reference).toContain('| `pools` (required) | name to [mapping](#pools-name) |  | Groups. |')
  expect(reference).toContain('| `targets` | list of 1 to 1,000: URL, or [mapping](#pools-name-targets) |  |  |')
  expect(reference).toContain('| `weight` | whole number, 0 to 9 | `1` |  |')
  expect(reference).toContain(
    '| `health` | [`type: http`](#pools-name-health-type-http), or [`type: tcp`](#pools-name-health-type-tcp) | `{ type: tcp }` |  |',
  )
})

it('links to sections that are there', () => {
  const anchors = [...reference.matchAll(/\{#([\w-]+)\}/g)].map(([, anchor]) => anchor)
  for (const [, anchor] of reference.matchAll(/\]\(#([\w-]+)\)/g)) expect(anchors).toContain(anchor)
})
