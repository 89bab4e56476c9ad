import { describe, expect, it } from 'vitest'
import { automationOf, decide, roleOf } from './decide.ts'
import { decisionDefaults } from './defaults.ts'
import { active, facts, failures, memory, NOW_MS, peer, report, rules, service } from './facts.fixture.ts'
import type { Facts } from './facts.ts'
import { type Memory, remember, unfitness } from './memory.ts'
import type { ServiceDefinition } from './service.ts'

const hold = { since: 0, because: 'the switch is being replaced' }

function decideNow(what: Facts, remembered: Partial<Memory> = {}, changes: Partial<ServiceDefinition> = {}, atMs = NOW_MS) {
  return { move: undefined, concern: undefined, ...decide(service(changes), what, memory(remembered), atMs, rules) }
}

describe('automation', () => {
  it.each<[string, Pick<Partial<Facts>, 'hold' | 'peers'>, string]>([
    ['a hold on this node', { hold }, 'people hold it on a: the switch is being replaced'],
    ['a hold on a peer', { peers: [peer('b', { report: report({}, { hold }) })] }, 'people hold it on b: the switch is being replaced'],
    ['a hold on a node that is no member', { peers: [peer('witness', { report: report({}, { hold }) })] }, 'people hold it on witness'],
    [
      'a peer with another configuration',
      { peers: [peer('b'), peer('c', { agrees: false })] },
      'c has another configuration or protocol than a',
    ],
  ])('is off through %s, whatever else is wrong', (_, changes, because) => {
    for (const what of [active({ check: 'down', ...changes }), facts({ lease: 'free', served: 'no', ...changes })]) {
      const decision = decideNow(what)
      expect(decision.automation).toMatchObject({ state: 'off', because: expect.stringContaining(because) })
      expect(decision.move).toBeUndefined()
    }
  })

  it('needs people where nodes disagree, and not where people have decided', () => {
    expect(decideNow(active({ peers: [peer('b', { agrees: false })] })).concern).toContain('b has another configuration')
    expect(decideNow(active({ hold })).concern).toBeUndefined()
  })

  it('lets go of nothing under a hold: people may have put it there by hand', () => {
    for (const onControlLoss of ['keep', 'release'] as const) {
      expect(decideNow(facts({ resources: ['held', 'held'], hold }), {}, { onControlLoss }).move).toBeUndefined()
    }
  })

  it('is on where nobody objects, also before a peer has said anything', () => {
    expect(automationOf(facts({ peers: [peer('b', { agrees: undefined, report: undefined }), peer('c')] })).state).toBe('on')
  })
})

describe('an active node that nobody could follow', () => {
  const peers = [peer('b', { alive: 'down' })]

  it('needs people once that has lasted, and not where there is no other member', () => {
    const after = (aloneMs: number, members = ['a', 'b']) =>
      decideNow(active({ peers }), { aloneSinceMs: NOW_MS - aloneMs }, { members }).concern
    expect(after(rules.aloneMs - 1)).toBeUndefined()
    expect(after(rules.aloneMs)).toContain('no member could take shop over: b: ')
  })
})

describe('a hold while something is wrong', () => {
  it('says what would be due without it, and needs people', () => {
    const decision = decideNow(active({ check: 'down', hold: { since: 0, because: 'the switch is replaced' } }))
    expect(decision.move).toBeUndefined()
    expect(decision.because).toMatch(/people hold it on a: the switch is replaced; otherwise a failover would be due: its check says down/)
    expect(decision.concern).toBe(decision.because)
  })
})

describe('an active node whose address does not answer', () => {
  const looks = (...served: readonly ('yes' | 'no' | 'unknown')[]) =>
    served.map((each, index) => peer(`p${index}`, { report: report({ served: each }) }))
  const members = { members: ['a', 'p0', 'p1'] }

  it('needs people once every other member has looked, and nobody reaches it', () => {
    expect(decideNow(active({ peers: looks('no', 'unknown') }), {}, members).concern).toBe(
      'a is active, and its address does not answer as seen from p0',
    )
    expect(decideNow(active({ peers: looks('no', 'no') }), {}, members).concern).toContain('seen from p0, p1')
  })

  it('needs nobody while one of them reaches it, or none can tell', () => {
    for (const peers of [looks('yes', 'no'), looks('unknown', 'unknown'), []]) {
      expect(decideNow(active({ peers }), {}, members).concern).toBeUndefined()
    }
  })
})

describe('a node that does not trust itself, or its right', () => {
  it('moves nothing while it is sick, as holder and as standby', () => {
    const sick = 'this process did not run for 900 ms just now'
    for (const what of [
      active({ check: 'down', sick }),
      facts({ lease: 'free', served: 'no', sick }),
      facts({ resources: ['held', 'held'], sick }),
    ]) {
      expect(decideNow(what)).toMatchObject({ because: `nothing moves: ${sick}`, move: undefined })
    }
  })

  it('does nothing under a right that is not confirmed', () => {
    expect(decideNow(facts({ lease: 'unconfirmed', check: 'down', resources: ['held', 'absent'] })).move).toBeUndefined()
  })
})

describe('a holder', () => {
  it('stays where its check is down and nobody is better, says so, and mends what is missing all the same', () => {
    const peers = [peer('b', { alive: 'down' }), peer('c', { report: report({ check: { state: 'down', because: 'refused' } }) })]
    const whole = decideNow(active({ check: 'down', peers }))
    expect(whole).toMatchObject({ because: 'its check says down: check down; it stays, no other member is better', move: undefined })
    expect(whole.concern).toContain('b: by its heartbeat it is down: heartbeat down; c: its check says down: refused')
    expect(decideNow(active({ check: 'down', peers, resources: ['held', 'absent'] })).move?.type).toBe('complete')
  })

  it.each(['unknown', 'degraded', 'up'] as const)('stays where its check says %s', (check) => {
    expect(decideNow(active({ check })).move).toBeUndefined()
  })

  it('hands over when its check is down and somebody else is well, to the most preferred one', () => {
    const peers = [peer('b', { alive: 'down' }), peer('c')]
    expect(decideNow(active({ check: 'down', peers })).move).toMatchObject({ type: 'hand-over', purpose: 'failover', from: 'a', to: 'c' })
  })

  it('stays when it moved too often within the hour', () => {
    const movesMs = [1, 2, 3]
    const decision = decideNow(active({ check: 'down' }), { movesMs }, { maxFailoversPerHour: 3 })
    expect(decision.move).toBeUndefined()
    expect(decision.concern).toBe('it moved 3 times in the last hour, and 3 are allowed')
    expect(decideNow(active({ check: 'down' }), { movesMs }, { maxFailoversPerHour: 4 }).move?.type).toBe('hand-over')
  })

  it('leaves for maintenance, however often it moved', () => {
    const decision = decideNow(active({ maintenance: 'new disks' }), { movesMs: [1, 2, 3, 4, 5, 6, 7] })
    expect(decision.move).toMatchObject({ type: 'hand-over', purpose: 'switchover', to: 'b', because: 'a is in maintenance: new disks' })
  })

  it('stays in maintenance where nobody could take over, and mends what is missing: the site is up before all', () => {
    const peers = [peer('b', { alive: 'down' }), peer('c', { alive: 'down' })]
    const decision = decideNow(active({ maintenance: 'new disks', peers }))
    expect(decision.move).toBeUndefined()
    expect(decision.concern).toContain('no member could take shop over')
    expect(decideNow(active({ maintenance: 'new disks', peers, resources: ['absent', 'held'] })).move?.type).toBe('complete')
  })

  it.each(['absent', 'foreign', 'unknown'] as const)('brings what is %s', (state) => {
    expect(decideNow(active({ resources: ['held', state] })).move).toMatchObject({ type: 'complete', because: `dns is ${state}: ${state}` })
  })

  it('pauses after an attempt that failed, and does not call off the worry between two attempts', () => {
    const remembered = { failures: failures({ ownFaults: 1 }) }
    const waiting = decideNow(active({ resources: ['held', 'foreign'] }), remembered)
    expect(waiting).toMatchObject({ move: undefined, concern: 'the cable is out' })
    const trying = decideNow(active({ resources: ['held', 'foreign'] }), remembered, {}, NOW_MS + 1_000)
    expect(trying).toMatchObject({ move: { type: 'complete' }, concern: 'the cable is out' })
  })

  it('hands over at once when its own resources fail too often in a row, and not before', () => {
    const missing = active({ resources: ['absent', 'absent'] })
    expect(decideNow(missing, { failures: failures({ ownFaults: 2 }) }).move).toBeUndefined()
    expect(decideNow(missing, { failures: failures() }).move).toMatchObject({ type: 'hand-over', purpose: 'failover', to: 'b' })
  })

  it('pauses between two attempts to hand over: a peer that refuses is not asked without end', () => {
    const remembered = { failures: failures({ ownFaults: 0, move: 'hand-over', because: 'b refused' }) }
    expect(decideNow(active({ check: 'down' }), remembered)).toMatchObject({ move: undefined, concern: 'b refused' })
    expect(decideNow(active({ check: 'down' }), remembered, {}, NOW_MS + 1_000)).toMatchObject({
      move: { type: 'hand-over' },
      concern: 'b refused',
    })
  })

  it('does not let damping delay the way out', () => {
    expect(decideNow(active({ check: 'down' }), { failures: failures({ ownFaults: 0 }) }).move?.type).toBe('hand-over')
    expect(decideNow(active({ maintenance: 'disks' }), { failures: failures({ ownFaults: 0 }) }).move).toBeUndefined()
  })

  it('keeps everything where all is well', () => {
    expect(decideNow(active())).toMatchObject({
      because: 'a is active with everything that belongs to it',
      move: undefined,
      concern: undefined,
    })
  })
})

describe('failback', () => {
  const preferred = { node: 'b', sinceMs: NOW_MS - 60_000 }
  const after = { type: 'after', holdMs: 60_000 } as const

  it.each<[string, Partial<Memory>, Partial<ServiceDefinition>]>([
    ['by itself, where people want to say so', { preferred }, {}],
    [
      'before the preferred member has been well for long enough',
      { preferred: { ...preferred, sinceMs: NOW_MS - 59_999 } },
      { failback: after },
    ],
    ['where nobody that is preferred is well', {}, { failback: after }],
    ['after too many moves', { preferred, movesMs: [1, 2, 3, 4, 5, 6] }, { failback: after }],
    ['right after an attempt that failed', { preferred, failures: failures({ ownFaults: 0, move: 'hand-over' }) }, { failback: after }],
  ])('does not happen %s', (_, remembered, changes) => {
    expect(decideNow(active(), remembered, changes).move).toBeUndefined()
  })

  it('does not happen while something is missing here: that comes first', () => {
    expect(decideNow(active({ resources: ['held', 'absent'] }), { preferred }, { failback: after }).move?.type).toBe('complete')
  })

  it('happens once the preferred member has been well for long enough', () => {
    expect(decideNow(active(), { preferred }, { failback: after }).move).toMatchObject({ type: 'hand-over', purpose: 'failback', to: 'b' })
  })
})

describe('a node with resources and without the right', () => {
  it.each(['elsewhere', 'free', 'unknown'] as const)(
    'lets go at once of a service that must not be held twice, where the lease is %s',
    (lease) => {
      const what = facts({ lease, resources: ['held', 'absent'], arbiterAnswers: lease !== 'unknown' })
      const decision = decideNow(what, { failures: failures() }, { onControlLoss: 'release' })
      expect(decision.move).toMatchObject({ type: 'let-go', because: `vip is here without the right: lease ${lease}` })
    },
  )

  it('tries again soon when letting go has failed, though not at every look', () => {
    const what = facts({ resources: ['held', 'held'] })
    const remembered = { failures: failures({ ownFaults: 0, move: 'let-go', retryAtMs: NOW_MS + 10_000, because: 'ip: busy' }) }
    const release = { onControlLoss: 'release' } as const
    expect(decideNow(what, remembered, release)).toMatchObject({ move: undefined, concern: 'ip: busy' })
    expect(decideNow(what, remembered, release, NOW_MS + 1_000)).toMatchObject({ move: { type: 'let-go' }, concern: 'ip: busy' })
  })

  it('keeps what serves while the arbiter is silent, and worries', () => {
    const decision = decideNow(facts({ lease: 'unknown', arbiterAnswers: false, resources: ['held', 'held'] }))
    expect(decision.move).toBeUndefined()
    expect(decision.concern).toBe('vip, dns are here without the right, and stays: the arbiter does not answer')
  })

  it('keeps what serves while the right is still that of its own process before a restart', () => {
    expect(decideNow(facts({ lease: 'elsewhere', leaseHolder: 'a', resources: ['held', 'held'] })).move).toBeUndefined()
  })

  it('takes the right anew when it is free, also under a name that the arbiter has lost, with no look at anything else', () => {
    const busy = [peer('b', { report: report({ role: 'taking' }) })]
    for (const lease of ['free', 'unknown'] as const) {
      expect(decideNow(facts({ lease, resources: ['held', 'held'], served: 'yes', peers: busy })).move?.type).toBe('take')
    }
  })

  it('keeps what serves before it knows who has the right', () => {
    expect(decideNow(facts({ leaseHolder: undefined, resources: ['held', 'held'] })).move).toBeUndefined()
  })

  it('waits while the holder is taking over, and lets go once it is active', () => {
    const what = (role: 'taking' | 'standby' | 'active') =>
      facts({ resources: ['held', 'held'], peers: [peer('b', { report: report({ role }) })] })
    for (const role of ['taking', 'standby'] as const) expect(decideNow(what(role), { elsewhereSinceMs: 0 }).move).toBeUndefined()
    expect(decideNow(what('active')).move?.type).toBe('let-go')
  })

  // It let go of what it kept for the word of a node that had died while it slept, and nobody had it.
  it('does not believe a word of the holder that waited while it stood still, and believes the next one', () => {
    const kept = (toldMs: number) =>
      facts({ resources: ['held', 'held'], peers: [peer('b', { report: report({ role: 'active', token: 2 }), toldMs }), peer('c')] })
    const about = memory({ sickMs: NOW_MS - 100, elsewhereSinceMs: NOW_MS - 500 })
    expect(decide(service(), kept(NOW_MS - 200), about, NOW_MS, rules).move).toBeUndefined()
    expect(decide(service(), kept(NOW_MS - 50), about, NOW_MS, rules).move?.type).toBe('let-go')
    expect(remember(about, service(), { ...kept(NOW_MS), sick: 'it slept' }, NOW_MS).sickMs).toBe(NOW_MS)
  })

  it('gives a holder that is dead or silent its time to come, for its right runs out otherwise, and lets go then', () => {
    for (const silent of [peer('b', { report: report({ role: 'taking' }), alive: 'down' }), peer('b', { report: undefined }), peer('c')]) {
      const what = facts({ resources: ['held', 'held'], peers: [silent] })
      expect(decideNow(what, { elsewhereSinceMs: NOW_MS - rules.yieldMs + 1 }).move).toBeUndefined()
      expect(decideNow(what, { elsewhereSinceMs: NOW_MS - rules.yieldMs }).move?.type).toBe('let-go')
    }
  })
})

describe('a standby', () => {
  const free = (changes: Parameters<typeof facts>[0] = {}) => facts({ lease: 'free', served: 'no', ...changes })

  it.each<[string, Facts]>([
    ['somebody else has the lease', facts({ served: 'no' })],
    [
      'the arbiter is silent and another is active',
      free({ lease: 'unknown', arbiterAnswers: false, peers: [peer('b', { report: report({ role: 'active' }) })] }),
    ],
    ['the arbiter has not said anything yet', free({ lease: 'unknown', leaseHolder: undefined })],
  ])('stands by while %s', (_, what) => {
    expect(decideNow(what)).toMatchObject({ move: undefined, concern: undefined, because: expect.stringContaining('a stands by') })
  })

  it.each<[string, Facts, string]>([
    ['its check is down', free({ check: 'down' }), 'its check says down'],
    ['nobody has checked it', free({ check: 'unknown' }), 'its check says unknown'],
    ['it is in maintenance', free({ maintenance: 'new disks' }), 'in maintenance: new disks'],
  ])('does not take over while %s, and worries once it has had time to find out', (_, what, because) => {
    expect(decideNow(what)).toMatchObject({ move: undefined, concern: expect.stringContaining(because) })
    expect(decideNow(what, { startedMs: NOW_MS - rules.settleMs + 1 })).toMatchObject({ move: undefined, concern: undefined })
  })

  it('that is no member leaves it to those who are, without a worry', () => {
    expect(decideNow(free(), {}, { members: ['b', 'c'] })).toMatchObject({ move: undefined, concern: undefined })
  })

  it('waits at the start for members that were not heard yet, and not for others, and not for ever', () => {
    const just = { startedMs: NOW_MS - 1 }
    expect(decideNow(free({ peers: [peer('b', { alive: 'unknown' })] }), just)).toMatchObject({
      because: 'just started, and b was not heard yet',
    })
    expect(decideNow(free({ peers: [peer('witness', { alive: 'unknown' })] }), just).move?.type).toBe('take')
    expect(decideNow(free({ peers: [peer('b', { alive: 'down' })] }), just).move?.type).toBe('take')
    expect(decideNow(free({ peers: [peer('b', { alive: 'unknown' })] }), { startedMs: NOW_MS - rules.settleMs }).move?.type).toBe('take')
  })

  it('pauses after an attempt that failed', () => {
    expect(decideNow(free(), { failures: failures({ move: 'take' }) })).toMatchObject({ move: undefined, concern: 'the cable is out' })
  })

  it.each(['taking', 'leaving'] as const)('waits for a living member that is %s, and not for a dead one', (role) => {
    expect(decideNow(free({ peers: [peer('b', { report: report({ role }) })] })).because).toBe('b is moving the service')
    expect(decideNow(free({ peers: [peer('b', { report: report({ role }), alive: 'down' })] })).move?.type).toBe('take')
  })

  it('waits while a site that is to be kept still answers, and tells people', () => {
    const decision = decideNow(free({ served: 'yes' }))
    expect(decision.move).toBeUndefined()
    expect(decision.concern).toContain('the site still answers at its address, so a waits')
  })

  it('waits while it does not know whether such a site answers, and tells people when that lasts', () => {
    expect(decideNow(free({ served: 'unknown' }), { freeSinceMs: NOW_MS - rules.settleMs + 1 })).toMatchObject({
      move: undefined,
      concern: undefined,
    })
    const decision = decideNow(free({ served: 'unknown' }), { freeSinceMs: NOW_MS - rules.settleMs })
    expect(decision).toMatchObject({ move: undefined, concern: expect.stringContaining('not known yet') })
  })

  it('does not wait where nobody can see whether such a site answers', () => {
    expect(decideNow(free({ served: 'unknown' }), {}, { isLookedAt: false }).move?.type).toBe('take')
    expect(decideNow(free({ served: 'unknown', check: 'down' }), {}, { isLookedAt: false }).move).toBeUndefined()
  })

  it('asks nobody whether a service of one holder still answers', () => {
    for (const served of ['yes', 'unknown'] as const)
      expect(decideNow(free({ served }), {}, { onControlLoss: 'release' }).move?.type).toBe('take')
  })

  it('lets each eligible member that is preferred go first, for a while', () => {
    const members = ['b', 'c', 'a']
    const at = (waitedMs: number, peers = [peer('b'), peer('c')]) =>
      decideNow(free({ peers }), { freeSinceMs: NOW_MS - waitedMs, aheadSinceMs: NOW_MS - waitedMs }, { members })
    expect(at(2 * rules.staggerMs - 1).because).toBe('b, c may go first')
    expect(at(2 * rules.staggerMs).move?.type).toBe('take')
    expect(at(rules.staggerMs, [peer('b', { alive: 'down' }), peer('c')]).move?.type).toBe('take')
    expect(at(0, [peer('b', { alive: 'down' }), peer('c', { alive: 'down' })]).move?.type).toBe('take')
  })

  // A takeover from a preferred member waited half a second for the very member that had just died.
  it('does not wait for the one that let its right run out', () => {
    const peers = [peer('b')]
    const decision = (leaseHolder: string | null) => decideNow(free({ peers, leaseHolder }), {}, { members: ['b', 'a'] }).move?.type
    expect([decision(null), decision('b')]).toEqual([undefined, 'take'])
  })

  it('gives them their time from when they could have gone, and not for ever', () => {
    const peers = [peer('b')]
    const after = (aheadMs: number, freeMs: number) =>
      decideNow(free({ peers }), { freeSinceMs: NOW_MS - freeMs, aheadSinceMs: NOW_MS - aheadMs }, { members: ['b', 'a'] }).move?.type
    expect(after(0, 2_000)).toBeUndefined()
    expect(after(0, rules.settleMs + rules.staggerMs)).toBe('take')
  })

  it('waits right after the start for a preferred member that has not told how it is', () => {
    const members = { members: ['b', 'a'] }
    const peers = [peer('b', { report: report({ check: { state: 'unknown', because: 'nobody has looked yet' } }) })]
    // It was waited for as long as its heartbeat takes, and what checks it starts later than that.
    expect(decideNow(free({ peers }), { startedMs: NOW_MS - decisionDefaults.undecidedMs + 1 }, members).because).toBe(
      'just started, and b has not told how it is',
    )
    expect(decideNow(free({ peers }), { startedMs: NOW_MS - decisionDefaults.undecidedMs }, members).move?.type).toBe('take')
    expect(decideNow(free({ peers }), { startedMs: NOW_MS - 1 }, { members: ['a', 'b'] }).move?.type).toBe('take')
  })

  // It began a plan that could only fail: the arbiter had not shown it the new right yet.
  it('waits for the arbiter to show a right that a peer acts under already', () => {
    const peers = [peer('b', { report: report({ role: 'active', token: 2 }) })]
    expect(decideNow(free({ peers, leaseToken: 1 })).because).toBe('b has just taken it')
    expect(decideNow(free({ peers, leaseToken: 2 })).move?.type).toBe('take')
  })

  it('needs people while the arbiter is silent and nobody is active, and not while somebody is', () => {
    const silent = (role: 'active' | 'keeping' | 'standby') =>
      decideNow(facts({ lease: 'unknown', arbiterAnswers: false, peers: [peer('b', { report: report({ role }) })] })).concern
    expect([silent('active'), silent('keeping')]).toEqual([undefined, undefined])
    expect(silent('standby')).toContain('nobody is active, and nobody can be')
  })

  it('could not be active without a way to have its resources', () => {
    const hindered = free()
    const resources = hindered.resources.map((resource) => ({ ...resource, obstacle: 'there is no interface eth7 here' }))
    expect(decideNow({ ...hindered, resources })).toMatchObject({ because: expect.stringContaining('there is no interface eth7 here') })
    expect(decideNow({ ...hindered, resources }).move).toBeUndefined()
  })

  it('takes from nobody at the start, and from whom it was last', () => {
    expect(decideNow(free()).move).toMatchObject({ type: 'take', purpose: 'start', from: undefined, to: 'a' })
    expect(decideNow(free({ leaseHolder: 'a' })).move).toMatchObject({ purpose: 'start', from: undefined })
    expect(decideNow(free({ leaseHolder: 'b' })).move).toMatchObject({
      purpose: 'failover',
      from: 'b',
      because: 'b is active no longer: lease free',
    })
    expect(decideNow(free(), { lastHolder: 'c' }).move).toMatchObject({ purpose: 'failover', from: 'c' })
  })
})

describe('roleOf', () => {
  it.each<[string, Facts, ReturnType<typeof roleOf>]>([
    ['the right and everything', active(), 'active'],
    ['the right, unconfirmed, and everything', active({ lease: 'unconfirmed' }), 'active'],
    ['the right and not everything', active({ resources: ['held', 'foreign'] }), 'taking'],
    ['something and no right', facts({ resources: ['held', 'absent'] }), 'keeping'],
    ['nothing', facts(), 'standby'],
  ])('with %s', (_, what, role) => {
    expect(roleOf(what, undefined)).toBe(role)
    expect(roleOf(what, 'leaving')).toBe('leaving')
  })
})

describe('unfitness', () => {
  it('is reached by failures of its own alone', () => {
    expect(unfitness(memory(), rules)).toBeUndefined()
    expect(unfitness(memory({ failures: failures({ attempts: 9, ownFaults: 2 }) }), rules)).toBeUndefined()
    expect(unfitness(memory({ failures: failures() }), rules)).toBe('3 attempts in a row failed: the cable is out')
  })
})
