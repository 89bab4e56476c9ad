import { describe, expect, it } from 'vitest'
import { failureId, failureText } from './failure.ts'
import { failuresOf, roleOf } from './failures.ts'
import { configOf, fileOf } from './reference.fixture.ts'

async function idsOf(yaml: string): Promise<readonly string[]> {
  return failuresOf(await configOf(yaml)).map(failureId)
}

describe('the single failures of a file', () => {
  it('leave out what is not there: an arbiter, and what only an arbiter tells apart', async () => {
    const ids = await idsOf(fileOf({ arbiter: '{ type: none, acceptSplitBrain: true }' }))
    expect(ids.filter((id) => /arbiter|peers-cut/.test(id))).toEqual([])
    const three = await idsOf(fileOf({ members: ['a', 'b', 'c'], arbiter: '{ type: none, acceptSplitBrain: true }' }))
    expect(three.filter((id) => /arbiter/.test(id))).toEqual([])
    expect(three).toContain('peers-cut b')
  })

  it('are each node, each service on it, each link in both directions and each of them, and the arbiter', async () => {
    const ids = await idsOf(fileOf())
    expect(ids.slice(0, 11)).toEqual([
      'power web-1',
      'freeze web-1',
      'guard-stopped web-1',
      'guard-killed web-1',
      'hotspare-dead web-1',
      'control-killed web-1',
      'arbiter-cut web-1',
      'peers-cut web-1',
      'isolated web-1',
      'disk-stuck web-1',
      'service-dead shop web-1',
    ])
    expect(ids.slice(22)).toEqual([
      'link-cut web-1 web-2',
      'one-way-cut web-1 > web-2',
      'one-way-cut web-2 > web-1',
      'arbiter-dead',
      'arbiter-slow',
    ])
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('say nothing of nodes on which no service could be', async () => {
    const ids = await idsOf(fileOf({ members: ['web-1'] }))
    expect(ids.filter((id) => id.includes('web-9'))).toEqual([])
    expect(ids.filter((id) => id.includes('link') || id.includes('way'))).toEqual([])
  })

  it('each have a text of their own', async () => {
    const texts = failuresOf(await configOf(fileOf({ members: ['a', 'b', 'c'] }))).map(failureText)
    expect(new Set(texts).size).toBe(texts.length)
  })
})

describe('the part of a failure in a service', () => {
  const shop = { name: 'shop', members: ['a', 'b', 'c'] }

  it.each([
    [{ kind: 'power', node: 'z' } as const, undefined],
    [{ kind: 'service-dead', service: 'mail', node: 'a' } as const, undefined],
    [{ kind: 'link-cut', nodes: ['a', 'z'] } as const, undefined],
    [{ kind: 'power', node: 'a' } as const, 'active'],
    [{ kind: 'service-dead', service: 'shop', node: 'b' } as const, 'standby'],
    [{ kind: 'one-way-cut', from: 'b', to: 'a' } as const, 'active-link'],
    [{ kind: 'link-cut', nodes: ['b', 'c'] } as const, 'standby-link'],
    [{ kind: 'arbiter-dead' } as const, 'arbiter'],
  ])('of %j is %s', (failure, role) => {
    expect(roleOf(failure, shop)).toBe(role)
  })
})
