import { describe, expect, it } from 'vitest'
import { serviceDefinition } from '../cluster/definition.ts'
import { configFingerprint } from './fingerprint.ts'
import { parseConfig } from './load.ts'
import { formatSummary, summarize } from './summary.ts'

async function load(words: Readonly<Record<string, string>>) {
  const service = (name: string, index: number) => `
  ${name}:
    members: ${words[`members of ${name}`] ?? '[web-1, web-2]'}
    onControlLoss: ${words[`policy of ${name}`] ?? 'keep'}
    check: { type: tcp, address: "127.0.0.1:9" }
    resources: [{ type: vip, address: 10.0.0.10${index}, interface: eth0 }]
    ${words[name] ?? ''}`
  const yaml = `
node: web-1
cluster:
  nodes: { web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: 10.0.0.2:7401 }, web-3: { peer: 10.0.0.3:7401 } }
  secret: 0123456789abcdef0123
  arbiter: { type: etcd, endpoints: ["http://10.0.0.5:2379"], ttl: 2s }
services:${['db', 'app', 'backup'].map(service).join('')}
`
  return (await parseConfig(yaml, { file: 'h.yaml', env: {}, hostname: 'web-1' })).config
}

describe('the order of services in the file', () => {
  it.each([
    [
      'a service that there is not',
      { app: 'after: [bd]' },
      /services\.app\.after\[0\]: there is no service "bd"; known services: db, app, backup/,
    ],
    ['itself', { app: 'after: [app]' }, /services\.app\.after\[0\]: this is the service itself/],
    ['itself to keep apart from', { app: 'apartFrom: [app]' }, /services\.app\.apartFrom\[0\]: this is the service itself/],
    ['a service twice', { app: 'after: [db, db]' }, /services\.app\.after\[1\]: this service is there twice/],
    [
      'a circle',
      { app: 'after: [db]', db: 'after: [backup]', backup: 'after: [app]' },
      /services\.db\.after: by way of others it waits for itself/,
    ],
    [
      'a service to go with that there is not',
      { app: 'with: bd' },
      /services\.app\.with: there is no service "bd"; known services: db, app, backup/,
    ],
    ['itself to go with', { app: 'with: app' }, /services\.app\.with: this is the service itself/],
    ['several to go with', { app: 'with: [db]' }, /services\.app\.with/],
    ['each other to go with', { app: 'with: db', db: 'with: app' }, /services\.db\.with: by way of others it waits for itself/],
    [
      'one to go with that comes after it',
      { app: 'with: db', db: 'after: [app]' },
      /services\.db\.after: by way of others it waits for itself/,
    ],
    [
      'one to go with and to keep apart from',
      { app: 'with: db\n    apartFrom: [db]' },
      /services\.app\.apartFrom\[0\]: app and db go together/,
    ],
    [
      'one to keep apart from that goes with the same one',
      { app: 'with: db', backup: 'with: db\n    apartFrom: [app]' },
      /services\.backup\.apartFrom\[0\]: backup and app go together/,
    ],
    [
      'one to go with that has members which it has not, and the other way round',
      { app: 'with: db', 'members of app': '[web-1, web-3]' },
      /services\.app\.members: it goes with db, and could not follow it everywhere; db may be on web-2[\s\S]*would never be on all of these; db is never on web-3/,
    ],
    [
      'one to go with that another thing becomes of',
      { app: 'with: db', 'policy of app': 'release' },
      /services\.app\.onControlLoss: it goes with db, which has "keep"/,
    ],
    ['nothing', { app: 'after: []' }, /services\.app\.after/],
    ['a priority that is no number', { app: 'priority: high' }, /services\.app\.priority/],
    ['half a priority', { app: 'priority: 1.5' }, /services\.app\.priority/],
  ])('that names %s is told where it stands', async (_what, words, message) => {
    await expect(load(words)).rejects.toThrow(message)
  })

  it('reaches the engine, and who is kept apart from keeps apart too', async () => {
    const { services } = await load({ app: 'after: [db]\n    with: db\n    apartFrom: [backup]', db: 'priority: 10' })
    const definitions = services.map((each) => serviceDefinition(each, undefined, services))
    expect(definitions).toMatchObject([
      { name: 'db', priority: 10 },
      { name: 'app', after: ['db'], with: 'db', apartFrom: ['backup'] },
      { apartFrom: ['app'] },
    ])
    expect(definitions[0]).not.toHaveProperty('after')
  })

  it('is shown, and the same on all nodes', async () => {
    const [plain, together] = [await load({}), await load({ app: 'with: db' })]
    const bound = { worstCaseMs: 1, formula: '1ms' }
    expect(formatSummary(summarize(together, () => ({ down: bound, up: bound })))).toMatch(/service app: .*; with db\n/)
    expect(configFingerprint(together)).not.toBe(configFingerprint(plain))
  })
})
