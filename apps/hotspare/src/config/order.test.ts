import { describe, expect, it } from 'vitest'
import { serviceDefinition } from '../cluster/definition.ts'
import { parseConfig } from './load.ts'

async function load(words: Readonly<Record<string, string>>) {
  const service = (name: string, index: number) => `
  ${name}:
    members: [web-1, web-2]
    onControlLoss: keep
    check: { type: tcp, address: "127.0.0.1:9" }
    resources: [{ type: vip, address: 10.0.0.10${index}, interface: eth0 }]
    ${words[name] ?? ''}`
  const yaml = `
node: web-1
cluster:
  nodes: { web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: 10.0.0.2:7401 } }
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
    ['nothing', { app: 'after: []' }, /services\.app\.after/],
    ['a priority that is no number', { app: 'priority: high' }, /services\.app\.priority/],
    ['half a priority', { app: 'priority: 1.5' }, /services\.app\.priority/],
  ])('that names %s is told where it stands', async (_what, words, message) => {
    await expect(load(words)).rejects.toThrow(message)
  })

  it('reaches the engine, and who is kept apart from keeps apart too', async () => {
    const { services } = await load({ app: 'after: [db]\n    apartFrom: [backup]', db: 'priority: 10' })
    const definitions = services.map((each) => serviceDefinition(each, undefined, services))
    expect(definitions).toMatchObject([
      { name: 'db', priority: 10 },
      { name: 'app', after: ['db'], apartFrom: ['backup'] },
      { apartFrom: ['app'] },
    ])
    expect(definitions[0]).not.toHaveProperty('after')
  })
})
