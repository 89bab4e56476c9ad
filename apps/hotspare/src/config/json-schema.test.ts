import { describe, expect, it } from 'vitest'
import { configJsonSchema } from './json-schema.ts'

type Node = Record<string, unknown>
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every property of every mapping, with the path to it. */
function properties(node: unknown, path: string): [string, Node][] {
  if (Array.isArray(node)) return node.flatMap((each) => properties(each, path))
  if (!isNode(node)) return []
  const own = isNode(node['properties']) ? Object.entries(node['properties']) : []
  const named = own.flatMap(([key, value]): [string, Node][] => [
    ...(isNode(value) ? [[`${path}.${key}`, value] as [string, Node]] : []),
    ...properties(value, `${path}.${key}`),
  ])
  const below = ['items', 'additionalProperties', 'anyOf', 'oneOf'].flatMap((key) => properties(node[key], path))
  return [...named, ...below]
}

describe('the JSON Schema of the file', () => {
  const schema = configJsonSchema()
  const shared = Object.values(isNode(schema['$defs']) ? schema['$defs'] : {})

  it('names its draft, itself and its subject', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'urn:hotspare:configuration',
      title: 'Hotspare configuration',
      type: 'object',
      additionalProperties: false,
    })
  })

  it('says something about every key, so that editors can show it', () => {
    const found = properties(schema, '').concat(properties(shared, '$defs'))
    expect(found.length).toBeGreaterThan(1_000)
    // The words of a script say what they do, and the key that holds them says the rest.
    const silent = found.filter(([path, node]) => typeof node['description'] !== 'string' && !path.includes('.steps.'))
    expect(silent.map(([path]) => path)).toEqual([])
  })

  it('describes what people write, not what the app makes of it', () => {
    // Of several kinds the first.
    const found = new Map(properties(schema, '').toReversed())
    expect(found.get('.api.listen')).toMatchObject({
      type: 'string',
      default: '127.0.0.1:7400',
      examples: ['127.0.0.1:8080', '[::1]:8080', ':8080'],
    })
    expect(found.get('.pools.health.interval')).toMatchObject({ type: 'string', default: '1s', examples: ['500ms'] })
    expect(found.get('.api.token')).toMatchObject({ type: 'string', writeOnly: true })
    expect(found.get('.cluster.nodes.peer')).toMatchObject({ type: 'string', examples: ['10.0.0.1:7401', '[fd00::1]:7401'] })
    expect(found.get('.services.maxFailoversPerHour')).toMatchObject({ type: 'integer', default: 6 })
    expect(found.get('.services.onControlLoss')).toMatchObject({
      anyOf: [
        { const: 'keep', description: expect.stringContaining('stays') },
        { const: 'release', description: expect.stringContaining('takes the address away') },
      ],
    })
  })

  it('spells every option of every probe as a file does', () => {
    const paths = properties(schema, '')
      .concat(properties(shared, '$defs'))
      .map(([path]) => path)
    expect(paths.filter((path) => /Ms(?:$|\.)|servername|rejectUnauthorized/.test(path))).toEqual([])
    expect(paths).toEqual(expect.arrayContaining(['.pools.health.redirects', '.checks.packetInterval', '.services.check.tls.serverName']))
  })

  it('has what many places share but once', () => {
    expect(Object.keys(Object(schema['$defs'])).toSorted()).toEqual(['damping', 'dependsOn', 'part', 'threshold'])
  })

  it('marks every secret of a check as one', () => {
    const found = properties(schema, '').concat(properties(shared, '$defs'))
    const passwords = found.filter(([path]) => path.endsWith('.password'))
    expect(passwords.length).toBeGreaterThan(4)
    expect(passwords.filter(([, node]) => node['writeOnly'] !== true)).toEqual([])
    const mappings = found.filter(([path, node]) => /\.(?:headers|metadata|env)$/.test(path) && node['type'] === 'object')
    expect(mappings.filter(([, node]) => Reflect.get(Object(node['additionalProperties']), 'writeOnly') !== true)).toEqual([])
  })

  it('marks every secret of a cluster as one', () => {
    const found = new Map(properties(schema, ''))
    const secrets = [
      '.cluster.secret',
      '.cluster.secrets.secret',
      '.cluster.arbiter.password',
      '.cluster.arbiter.secret.secret',
      '.witness.secrets.secret',
    ]
    expect(secrets.filter((path) => found.get(path)?.['writeOnly'] !== true)).toEqual([])
    expect(JSON.stringify(found.get('.cluster.arbiter.connection')).match(/"writeOnly":true/g)).toHaveLength(2)
  })

  it('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema)
  })
})
