import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../config/load.ts'
import { votedSubjects } from './subjects.ts'

const NODES = 'web-1: { peer: "10.0.0.1:7401" }, web-2: { peer: "10.0.0.2:7401" }'

async function subjects(body: string, nodes = NODES): Promise<ReadonlyMap<string, string>> {
  const cluster = `cluster: { nodes: { ${nodes} }, secret: 0123456789abcdef, arbiter: { type: none, acceptSplitBrain: true }, state: /var/lib/hotspare }`
  const { config } = await parseConfig(`node: web-1\n${cluster}\n${body}`, { file: 'h.yaml', env: {}, hostname: 'web-1' })
  return votedSubjects(config)
}

const pool = (target: string, health = '{ type: http, path: /healthz }') => `pools: { shop: { targets: [${target}], health: ${health} } }`
const check = (body: string) => `checks: { it: ${body} }`

describe('what is not put to the vote', () => {
  it.each([
    ['a program', check('{ type: exec, file: /bin/true }')],
    ['this machine', check('{ type: system, what: memory }')],
    ['a job that reports in here', check('{ type: push, ttl: 1h }')],
    ['a canary', check('{ type: tcp, address: "10.0.0.9:22", canary: true }')],
    ['a server of this machine', check('{ type: tcp, address: "127.0.0.1:22" }')],
    ['a server of this machine, by its name', check('{ type: http, url: "http://localhost:8080/" }')],
    ['a server of this machine, over IPv6', check('{ type: http, url: "http://[::1]:8080/" }')],
    [
      'a whole of which one part is a server of this machine',
      check('{ type: any, of: { a: { type: tcp, address: "10.0.0.9:22" }, b: { type: tcp, address: "127.0.0.1:22" } } }'),
    ],
    ['a target on this machine', pool('{ name: a, url: "http://127.0.0.1:8080" }')],
  ])('is %s', async (_what, body) => {
    expect([...(await subjects(body)).keys()]).toEqual([])
  })
})

describe('what is put to the vote', () => {
  it('is every target and every check of another machine', async () => {
    const body = `
pools: { shop: { targets: [ { name: a, url: "http://10.0.0.11:8080" }, { name: b, url: "http://10.0.0.12:8080" } ] } }
checks:
  web: { type: http, url: "https://example.com/" }
  mail: { type: smtp, address: mail.example.com }
  dns: { type: any, of: { a: { type: tcp, address: "10.0.0.9:53" }, b: { type: tcp, address: "10.0.0.10:53" } } }
  disk: { type: system, what: memory }`
    const keys = await subjects(body)
    expect([...keys.keys()]).toEqual(['shop/a', 'shop/b', 'web', 'mail', 'dns'])
    expect(new Set(keys.values()).size).toBe(5)
    for (const key of keys.values()) expect(key).toMatch(/^[\w-]{16}$/)
  })

  it('is loopback too, where the whole cluster is on it', async () => {
    const nodes = 'web-1: { peer: "127.0.0.1:7401" }, web-2: { peer: "127.0.0.1:7402" }'
    expect([...(await subjects(pool('{ name: a, url: "http://127.0.0.1:8080" }'), nodes)).keys()]).toEqual(['shop/a'])
  })

  it.each([
    ['another address under the same name', '{ name: a, url: "http://10.0.0.12:8080" }', undefined],
    ['another name', '{ name: b, url: "http://10.0.0.11:8080" }', undefined],
    ['another question', '{ name: a, url: "http://10.0.0.11:8080" }', '{ type: tcp }'],
    ['another path', '{ name: a, url: "http://10.0.0.11:8080" }', '{ type: http, path: /ready }'],
    ['another port of the probe', '{ name: a, url: "http://10.0.0.11:8080" }', '{ type: http, path: /healthz, port: 9000 }'],
  ])('is another vote with %s', async (_what, target, health) => {
    const usual = await subjects(pool('{ name: a, url: "http://10.0.0.11:8080" }'))
    const other = await subjects(pool(target, health))
    expect([...other.values()]).not.toEqual([...usual.values()])
  })

  it('is the same vote with other times, headers and expectations: a new file is rolled out one node after the other', async () => {
    const usual = await subjects(pool('{ name: a, url: "http://10.0.0.11:8080" }'))
    const health = '{ type: http, path: /healthz, interval: 7s, timeout: 6s, fall: 5, status: "204", headers: { x-key: hunter2 } }'
    expect(await subjects(pool('{ name: a, url: "http://10.0.0.11:8080", weight: 3 }', health))).toEqual(usual)
  })
})
