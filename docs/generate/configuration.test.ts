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

const kinds = ['a', 'b', 'c', 'd', 'e'].map((kind) => ({
  type: 'object',
  properties: {
    type: { const: kind, description: `Kind ${kind}.` },
    pace: { type: 'string', title: 'duration', default: kind === 'e' ? '9s' : '1s', description: 'How often.' },
    shared: { $ref: '#/$defs/shared', description: 'Of all.' },
    ...(kind === 'b' ? { secret: { type: 'string', writeOnly: true, description: 'Of b.' } } : {}),
    ...(kind === 'c' ? { tls: { type: 'object', properties: { verify: { type: 'boolean', description: 'Of c.' } } } } : {}),
  },
}))
const manyKinds = configurationReference({
  type: 'object',
  properties: {
    checks: { type: 'object', description: 'Checks.', additionalProperties: { oneOf: [kinds[0] ?? {}, { oneOf: kinds.slice(1) }] } },
    other: {
      description: 'Another.',
      oneOf: kinds.map((kind) => ({ ...kind, properties: { ...kind.properties, address: { type: 'string' } } })),
    },
  },
  $defs: {
    shared: { type: 'object', properties: { limit: { type: 'number', exclusiveMinimum: 0, maximum: 9, description: 'Beyond it.' } } },
  },
})

it('tells what many kinds share once, and each kind once for all the places that have it', () => {
  expect([...manyKinds.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading)).toEqual([
    'The file {#file}',
    '`checks.NAME` {#checks-name}',
    '`other` {#other}',
    'The types of checks {#types}',
    '`type: a` {#type-a}',
    '`type: b` {#type-b}',
    '`type: c` {#type-c}',
    '`type: d` {#type-d}',
    '`type: e` {#type-e}',
    '`shared` {#shared-shared}',
  ])
  expect(manyKinds.match(/How often\./g)).toHaveLength(3)
  expect(manyKinds).toContain('| [`type: b`](#type-b) | Kind b. |')
})

it('tells what is a kind’s own, also where it differs from the others, and where it may stand', () => {
  expect(manyKinds).toContain('| `pace` | duration | `9s` | How often. |')
  expect(manyKinds).toContain('| `secret` | text |  | Of b. A secret. |')
  expect(manyKinds).toContain('| `tls.verify` | `true` or `false` |  | Of c. |')
  expect(manyKinds).not.toContain('| `address` | text |  |  In')
})

it('links to what several places share', () => {
  expect(manyKinds).toContain('| `shared` | [mapping](#shared-shared) |  | Of all. |')
  expect(manyKinds).toContain('| `limit` | number, 0 to 9 |  | Beyond it. |')
})

it('tells mappings that differ by a word in one place: the words, and each key once with the words that have it', () => {
  const key = {
    default: { from: 'source' },
    oneOf: ['source', 'uri'].map((from) => ({ type: 'object', properties: { from: { const: from } } })),
  }
  const text = configurationReference({
    type: 'object',
    properties: {
      balance: {
        anyOf: [
          { type: 'string', enum: ['turns', 'ring', 'table'] },
          {
            oneOf: [
              { type: 'object', properties: { algorithm: { const: 'turns', description: 'Each in turn.' } } },
              { type: 'object', properties: { algorithm: { const: 'ring' }, points: { type: 'integer' }, key } },
              { type: 'object', properties: { algorithm: { const: 'table' }, key } },
            ],
          },
        ],
      },
    },
  })
  expect([...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual([
    'The file {#file}',
    '`balance` {#balance}',
    '`balance.key` {#balance-key}',
  ])
  expect(text).toContain('| `turns` | Each in turn. |')
  expect(text).toContain('| `points` | whole number |  |  With `ring`. |')
  expect(text.match(/^\| `key` \|.*$/gm)).toEqual(['| `key` | [mapping](#balance-key) | `{ from: source }` |  With `ring` and `table`. |'])
})
