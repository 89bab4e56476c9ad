import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { judgements, probeReference, probes } from './probes.ts'
import { optionTables } from './option-tables.ts'
import { root } from './sources.ts'

/** Sub-paths that export nothing with options. */
const OTHERS = new Set(['', 'package.json', 'testing'])

it('every sub-path of the package is there', () => {
  const { exports } = JSON.parse(readFileSync(`${root}/packages/health/package.json`, 'utf8')) as { readonly exports: object }
  const subPaths = Object.keys(exports).map((key) => key.replace(/^\.\/?/, ''))
  const documented = new Set([...probes, ...judgements].map(({ from }) => from.replace(/^@hotspare\/health\/?/, '')))
  expect(subPaths.filter((subPath) => !documented.has(subPath) && !OTHERS.has(subPath))).toEqual([])
})

it('no option is without a meaning, and none is of an unknown type', () => {
  const rows = probeReference()
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  expect(rows.length).toBeGreaterThan(150)
  expect(rows.filter((row) => row.endsWith('|  |') || /\| (?:.*, or )?anything\b[^|]*\|[^|]*\|[^|]*\|$/.test(row))).toEqual([])
})

it('an option is shown with its type, its bounds and its default, and what is inside of it', () => {
  const schema = {
    toJSONSchema: () => ({
      type: 'object',
      required: ['host'],
      properties: {
        host: { type: 'string', description: 'A name.' },
        count: { type: 'integer', minimum: 1, maximum: 2_147_483_647, default: 1_000, description: 'How many.' },
        ratio: { type: 'number', exclusiveMinimum: 0, maximum: 1, description: 'A share.' },
        mode: { enum: ['a', 'b'], default: 'a', description: 'One of them.' },
        tls: { type: 'object', default: {}, properties: { ca: { type: 'string', description: 'PEM.' } }, description: 'TLS.' },
      },
    }),
  }
  expect(optionTables(schema).split('\n').slice(2)).toEqual([
    '| `host` (required) | text |  | A name. |',
    '| `count` | whole number from 1 | `1000` | How many. |',
    '| `ratio` | number above 0 to 1 |  | A share. |',
    '| `mode` | `a` or `b` | `a` | One of them. |',
    '| `tls` | mapping |  | TLS. |',
    '| `tls.ca` | text |  | PEM. |',
  ])
})

it('where one option decides which others there are, those that all have are shown once', () => {
  const kind = (what: string, own: string) => ({
    type: 'object',
    properties: {
      what: { const: what, description: what },
      timeoutMs: { type: 'integer', description: 'Time.' },
      [own]: { type: 'string', description: own },
    },
  })
  const lines = optionTables({ toJSONSchema: () => ({ oneOf: [kind('disk', 'path'), kind('smart', 'device')] }) }).split('\n')
  expect(lines.filter((line) => line.includes('timeoutMs'))).toHaveLength(1)
  expect(lines.filter((line) => line.startsWith('| `what`'))).toHaveLength(2)
  expect(lines.filter((line) => line.startsWith('Where'))).toEqual(['Where `what` is `disk`:', 'Where `what` is `smart`:'])
})

it('a text that looks like a number is shown as one that is none', () => {
  const schema = { toJSONSchema: () => ({ type: 'object', properties: { version: { enum: ['1.1', 'auto'], default: 'auto' } } }) }
  expect(optionTables(schema)).toContain("| `version` | `'1.1'` or `auto` | `auto` |")
})

it('every probe that people can set a limit for says what it measures', () => {
  const sections = probeReference().split('\n## ').slice(0, probes.length)
  const silent = sections.filter((text) => !/^(?:It|Besides `duration-ms` it) measures/m.test(text)).map((text) => text.split('\n')[0])
  expect(silent).toEqual(['`agentServer` {#agentserver}'])
})
