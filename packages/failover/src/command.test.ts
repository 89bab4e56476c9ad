import { describe, expect, it } from 'vitest'
import { decideCommand } from './command.ts'
import { active, facts, peer, service } from './facts.fixture.ts'

const hold = { since: 0, because: 'by hand' }
const dead = [peer('b', { alive: 'down' }), peer('c')]

describe('decideCommand', () => {
  it('refuses who is no member, who is active already, and who could not serve', () => {
    expect(decideCommand(service(), active(), { type: 'switchover', to: 'z' }, 'a')).toEqual({ because: 'z is no member of shop: a, b, c' })
    expect(decideCommand(service(), active(), { type: 'switchover', to: 'a' }, 'a')).toEqual({ because: 'a is active already' })
    expect(decideCommand(service(), active({ peers: dead }), { type: 'switchover', to: 'b' }, 'a')).toEqual({
      because: 'nobody could take shop over: b: by its heartbeat it is down: heartbeat down',
    })
  })

  it('refuses a switchover from nobody, and from a member that does not answer', () => {
    expect(decideCommand(service(), facts({ lease: 'free' }), { type: 'switchover' }, undefined).because).toContain('nobody is active')
    for (const peers of [dead, [peer('b', { report: undefined }), peer('c')]]) {
      expect(decideCommand(service(), facts({ peers }), { type: 'switchover' }, 'b')).toEqual({
        because: 'b is active and does not answer: a failover takes the service from it',
      })
    }
  })

  it('refuses a failover from a member that answers, and from this node', () => {
    const because = expect.stringContaining('a switchover moves the service without a gap')
    expect(decideCommand(service(), facts(), { type: 'failover' }, 'b')).toEqual({ because })
    expect(decideCommand(service(), active(), { type: 'failover', to: 'b' }, 'a')).toEqual({ because })
  })

  it('switches over from whoever is active to the best other one, or the named one, hold or not', () => {
    const from = (what: typeof hold | undefined) => decideCommand(service(), facts({ hold: what }), { type: 'switchover' }, 'b').move
    expect(from(undefined)).toMatchObject({ type: 'hand-over', purpose: 'switchover', from: 'b', to: 'a' })
    expect(from(hold)).toEqual(from(undefined))
    expect(decideCommand(service(), active(), { type: 'switchover', to: 'c' }, 'a').move).toMatchObject({ from: 'a', to: 'c' })
  })

  it('fails over from a dead member, or from nobody, to one that could be active: not to this node just because it was asked', () => {
    expect(decideCommand(service(), facts({ peers: dead }), { type: 'failover' }, 'b').move).toMatchObject({
      type: 'take',
      from: 'b',
      to: 'a',
    })
    expect(decideCommand(service(), facts({ peers: dead, check: 'down' }), { type: 'failover' }, 'b').move).toMatchObject({
      type: 'take',
      to: 'c',
    })
    expect(decideCommand(service(), facts({ peers: dead, lease: 'free' }), { type: 'failover', to: 'c' }, undefined).move).toMatchObject({
      type: 'take',
      from: undefined,
      to: 'c',
    })
  })
})
