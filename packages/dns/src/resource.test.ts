import { describe, expect, it } from 'vitest'
import { dnsResource, nsupdateByHand } from './resource.ts'
import { OWNER, ResourceWorld, SHOP } from './resource/resource.fixture.ts'

describe('dnsResource refuses', () => {
  const code = 'HOTSPARE_DNS_OPTIONS'

  it.each([
    ['a name outside the zone', { name: 'shop.example.net' }, 'name: shop.example.net is not in the zone example.com'],
    ['a member without values', { follows: { 'web-2': ['192.0.2.2'] } }, 'follows: it has nothing for web-1'],
    ['an empty set', { follows: { 'web-1': [] } }, 'follows.web-1:'],
    ['a value that is no address', { follows: { 'web-1': ['shop'] } }, 'follows.web-1: value: "shop" is no value'],
    ['a node that an owner record cannot name', { follows: { 'web 1': ['192.0.2.1'] } }, 'follows.web 1: '],
    ['a TTL below the least', { ttlSeconds: 5 }, 'follows.web-1: memory zone example.com: shop.example.com A: a TTL of 5 s is below'],
    ['more values than a set can have', { follows: { 'web-1': ['192.0.2.1', '192.0.2.2'] } }, 'a set can have 1'],
    ['a key that it does not know', { token: 'x' }, 'token'],
  ])('%s', (_, options, message) => {
    const world = new ResourceWorld({ minimumTtlSeconds: 30, mostValues: 1 })
    expect(() => world.resource('web-1', options as object)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })

  it('a provider that can keep no owner record', () => {
    const { zone } = new ResourceWorld()
    const provider = { ...zone, capabilities: { ...zone.capabilities, types: ['A'] as const } }
    expect(() => dnsResource({ provider, node: 'a', ...SHOP, follows: { a: ['192.0.2.1'] }, ttlSeconds: 30 })).toThrow(
      /provider: memory zone example\.com: no owner record can be kept/,
    )
  })
})

describe('acquire does nothing', () => {
  it('without a valid right', async () => {
    const world = new ResourceWorld()
    const right = world.right(7)
    right.end()
    expect(await world.resource('web-1').acquire(right)).toEqual({ ok: false, because: 'the right has ended', retryable: true })
    expect(world.zone.asked).toEqual([])
  })

  it('when the right runs out while it looks, before anybody was told', async () => {
    const world = new ResourceWorld().put(['192.0.2.2'], 'hotspare node=web-2 token=6')
    const right = world.right(7)
    const provider = world.past({ afterRead: () => (right.doubted = true) })
    expect(await world.resource('web-1', { provider }).acquire(right)).toMatchObject({ ok: false, because: 'the right has ended' })
    expect(world.shown).toBe('192.0.2.2, hotspare node=web-2 token=6')
    expect(world.events).toEqual([])
  })

  it('under a token that is older than the one that stands there', async () => {
    const world = new ResourceWorld().put(['192.0.2.2'], 'hotspare node=web-2 token=8')
    expect(await world.resource('web-1').acquire(world.right(7))).toMatchObject({ ok: false, retryable: false })
    expect(world.shown).toBe('192.0.2.2, hotspare node=web-2 token=8')
    expect(world.events).toMatchObject([
      { type: 'record-conflict', code: 'stale-token', text: expect.stringContaining('token 8 of web-2') },
    ])
  })

  it.each([
    ['a record that leads to no member', ['203.0.113.9'], undefined],
    ['a record that leads to no member and whose claim was given up', ['203.0.113.9'], 'hotspare token=3'],
    ['a record that somebody else has claimed', ['192.0.2.1'], 'hotspare node=db-1 token=3'],
    ['a record beside which something else stands', ['192.0.2.1'], 'v=spf1 -all'],
  ])('to %s', async (_, values, owner) => {
    const world = new ResourceWorld().put(values, owner)
    const before = world.shown
    const resource = world.resource('web-1')
    expect(await resource.acquire(world.right(7))).toMatchObject({ ok: false, because: expect.stringContaining('adopt'), retryable: true })
    expect(world.shown).toBe(before)
    expect(await resource.observe()).toMatchObject({ state: 'foreign' })
    expect(await world.resource('web-1', { adopt: true }).acquire(world.right(7))).toMatchObject({ ok: true })
    expect(world.shown).toBe('192.0.2.1, hotspare node=web-1 token=7')
  })

  it('for longer than it may take, when the provider hangs', async () => {
    const world = new ResourceWorld()
    world.zone.fail('hang', { times: 100 })
    const resource = world.resource('web-1', { allowedMs: { acquire: 15_000, release: 1_000 } })
    const begunMs = world.clock.monotonicMs()
    expect(await world.ended(resource.acquire(world.right(7)))).toMatchObject({ ok: false, retryable: true })
    expect(world.clock.monotonicMs() - begunMs).toBeLessThanOrEqual(15_050)
    expect(world.events).toMatchObject([{ type: 'provider-failed' }])
  })

  it('and tells once, however often it is tried, and again when it works', async () => {
    const world = new ResourceWorld().put(['192.0.2.2'], 'hotspare node=web-2 token=8')
    const resource = world.resource('web-1', { allowedMs: { acquire: 15_000, release: 15_000 } })
    for (let tries = 0; tries < 3; tries++) await resource.acquire(world.right(7))
    world.zone.fail('hang', { times: 6 })
    for (let tries = 0; tries < 2; tries++) await world.ended(resource.acquire(world.right(9)))
    await world.ended(resource.acquire(world.right(9)))
    expect(world.events.map(({ type }) => type)).toEqual(['record-conflict', 'provider-failed', 'provider-recovered', 'record-changed'])
  })

  it('twice against credentials that are refused', async () => {
    const world = new ResourceWorld()
    world.zone.fail('credentials', { times: 2 })
    expect(await world.ended(world.resource('web-1').acquire(world.right(7)))).toMatchObject({ ok: false, retryable: false })
    expect(world.zone.sets()).toEqual([])
  })
})

describe.each([
  ['compare-and-swap and batches', { compareAndSwap: 'exact', atomicBatch: true }],
  ['versions, one set at a time', { compareAndSwap: 'etag', atomicBatch: false }],
  ['nothing of the kind', { compareAndSwap: 'none', atomicBatch: false }],
] as const)('dnsResource on a provider with %s', (_, options) => {
  it('makes, takes over, repairs and gives up a record, and never empties it', async () => {
    const world = new ResourceWorld(options)
    const [one, two] = [world.resource('web-1'), world.resource('web-2')]
    expect(await one.observe()).toMatchObject({ state: 'absent' })
    expect(await world.ended(one.acquire(world.right(7)))).toMatchObject({ ok: true, detail: expect.stringContaining('token 7') })
    expect(world.shown).toBe('192.0.2.1, hotspare node=web-1 token=7')
    expect(await one.observe()).toMatchObject({ state: 'held' })

    expect(await world.ended(two.acquire(world.right(8)))).toMatchObject({ ok: true })
    expect(world.shown).toBe('192.0.2.2, hotspare node=web-2 token=8')
    await world.clock.advance(60_000)
    expect(await one.observe()).toMatchObject({ state: 'absent', because: 'it leads to web-2' })

    world.put(['203.0.113.9'])
    await world.clock.advance(60_000)
    expect(await two.observe()).toMatchObject({ state: 'foreign' })
    expect(await world.ended(two.acquire(world.right(8)))).toMatchObject({ ok: true })
    expect(world.shown).toBe('192.0.2.2, hotspare node=web-2 token=8')

    expect(await world.ended(two.release())).toMatchObject({ ok: true })
    expect(world.shown).toBe('192.0.2.2, hotspare token=8')
    expect(await two.observe()).toMatchObject({ state: 'absent' })
    expect(await world.ended(one.acquire(world.right(7)))).toMatchObject({ ok: false, retryable: false })
    expect(await world.ended(one.acquire(world.right(9)))).toMatchObject({ ok: true })
    expect(world.shown).toBe('192.0.2.1, hotspare node=web-1 token=9')
  })

  it('changes nothing when it is done again', async () => {
    const world = new ResourceWorld(options)
    const resource = world.resource('web-1')
    await world.ended(resource.acquire(world.right(7)))
    const { serial } = world.zone
    expect(await world.ended(resource.acquire(world.right(7)))).toMatchObject({ ok: true })
    expect(world.zone.serial).toBe(serial)
    await world.ended(resource.release())
    const after = world.zone.serial
    expect(await world.ended(resource.release())).toMatchObject({ ok: true })
    expect(world.zone.serial).toBe(after)
  })

  it('takes back what it has written when the right has gone by then', async () => {
    const world = new ResourceWorld(options).put(['192.0.2.2'], 'hotspare node=web-2 token=6')
    const right = world.right(7)
    const provider = world.past({ afterChange: (count) => (right.doubted = count === (options.atomicBatch ? 1 : 2)) })
    const resource = world.resource('web-1', { provider })
    expect(await world.ended(resource.acquire(right))).toMatchObject({ ok: false, because: expect.stringContaining('it was taken back') })
    // The token stays: it was granted, and an older one is refused all the same.
    expect(world.shown).toBe('192.0.2.2, hotspare token=7')
    expect(world.events.map(({ type }) => type)).not.toContain('record-changed')
  })

  it('does not take back what another has taken over meanwhile', async () => {
    const world = new ResourceWorld(options).put(['192.0.2.2'], 'hotspare node=web-2 token=6')
    const right = world.right(7)
    const provider = world.past({
      afterChange: (count) => {
        if (count !== (options.atomicBatch ? 1 : 2)) return
        right.doubted = true
        world.put(['192.0.2.2'], 'hotspare node=web-2 token=8')
      },
    })
    expect(await world.ended(world.resource('web-1', { provider }).acquire(right))).toMatchObject({ ok: false })
    expect(world.shown).toBe('192.0.2.2, hotspare node=web-2 token=8')
  })

  it('is not fooled by a change whose answer was lost', async () => {
    const world = new ResourceWorld(options).put(['192.0.2.2'], 'hotspare node=web-2 token=6')
    world.zone.fail('lost', { changes: true })
    expect(await world.ended(world.resource('web-1').acquire(world.right(7)))).toMatchObject({ ok: true })
    expect(world.shown).toBe('192.0.2.1, hotspare node=web-1 token=7')
    expect(world.events).toMatchObject([{ type: 'record-changed', from: ['192.0.2.2'], to: ['192.0.2.1'] }])
  })
})

describe('dnsResource', () => {
  it('loses against a newer right that comes between its look and its change', async () => {
    const world = new ResourceWorld().put(['192.0.2.2'], 'hotspare node=web-2 token=6')
    world.zone.onChange(() => {
      world.zone.onChange(undefined)
      world.put(['192.0.2.2'], 'hotspare node=web-2 token=8')
    })
    expect(await world.ended(world.resource('web-1').acquire(world.right(7)))).toMatchObject({ ok: false, retryable: false })
    expect(world.shown).toBe('192.0.2.2, hotspare node=web-2 token=8')
  })

  it('lets go of what it is about to take', async () => {
    const world = new ResourceWorld().put(['192.0.2.2'], 'hotspare node=web-2 token=6')
    world.zone.fail('hang')
    const resource = world.resource('web-1')
    const acquiring = resource.acquire(world.right(7))
    await world.clock.advance(10)
    expect(await world.ended(resource.release())).toMatchObject({ ok: true })
    expect(await acquiring).toMatchObject({ ok: false, because: 'it is let go of' })
    expect(world.shown).toBe('192.0.2.2, hotspare node=web-2 token=6')
    expect(world.events).toEqual([])
  })

  it('rejects with the reason of its caller, and with nothing else', async () => {
    const world = new ResourceWorld()
    world.zone.fail('hang')
    const controller = new AbortController()
    const acquiring = world.resource('web-1').acquire(world.right(7), { signal: controller.signal })
    await world.clock.advance(10)
    controller.abort(new Error('the plan was ended'))
    await expect(acquiring).rejects.toThrow('the plan was ended')
  })

  it('keeps what it has seen through an outage, at a few questions a minute', async () => {
    const world = new ResourceWorld()
    const resource = world.resource('web-1')
    await world.ended(resource.acquire(world.right(7)))
    world.zone.fail('unavailable', { times: 10_000 })
    const before = world.zone.asked.length
    for (let second = 0; second < 1_800; second++) {
      await world.clock.advance(1_000)
      await resource.observe()
    }
    expect(await resource.observe()).toMatchObject({ state: 'held', because: expect.stringMatching(/as seen (?:30m|29m\d+s) ago/) })
    expect(world.zone.asked.length - before).toBeLessThan(180)
    await resource.close()
    expect(world.clock.pendingTimers).toBe(0)
  })

  it('is unknown while nobody has answered yet', async () => {
    const world = new ResourceWorld()
    world.zone.fail('unavailable', { times: 2 })
    expect(await world.ended(world.resource('web-1').observe())).toMatchObject({ state: 'unknown' })
  })

  it('claims without a word to anybody where the record leads here already', async () => {
    const world = new ResourceWorld().put(['192.0.2.1'])
    expect(await world.resource('web-1').acquire(world.right(7))).toMatchObject({ ok: true })
    expect(world.shown).toBe('192.0.2.1, hotspare node=web-1 token=7')
    expect(world.events).toEqual([])
  })

  it('takes two readings, one change and two readings, where owner and set change in one step', async () => {
    const world = new ResourceWorld().put(['192.0.2.2'], 'hotspare node=web-2 token=6')
    await world.resource('web-1').acquire(world.right(7))
    const kinds = world.zone.asked.map((each) => each.split(' ')[0])
    expect(kinds).toEqual(['read', 'read', 'change', 'read', 'read'])
  })

  it('is not held up by the look at whether it is served, and tells how that ended', async () => {
    const world = new ResourceWorld()
    const looks: ((stage: 'applied' | 'converged', because: string) => void)[] = []
    const served = () =>
      new Promise<{ stage: 'applied' | 'converged'; because: string }>((resolve) => {
        looks.push((stage, because) => resolve({ stage, because }))
      })
    const resource = world.resource('web-1', { served })
    expect(await resource.acquire(world.right(7))).toMatchObject({ ok: true })
    expect(world.events.map(({ type }) => type)).toEqual(['record-changed'])
    looks[0]?.('applied', 'served by 0 of 2')
    await world.clock.advance(0)
    expect(world.events[1]).toMatchObject({ type: 'record-unserved', because: 'served by 0 of 2' })
    world.put(['192.0.2.2'])
    await resource.acquire(world.right(7))
    looks[1]?.('converged', 'served by 2 of 2')
    await world.clock.advance(0)
    expect(world.events.map(({ type }) => type)).toEqual(['record-changed', 'record-unserved', 'record-changed', 'record-served'])
  })

  it('gives up the look at an older change', async () => {
    const world = new ResourceWorld()
    const signals: AbortSignal[] = []
    const resource = world.resource('web-1', {
      served: (_, { signal }) => {
        signals.push(signal)
        return new Promise(() => {})
      },
    })
    await resource.acquire(world.right(7))
    world.put(['192.0.2.2'])
    await resource.acquire(world.right(7))
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    await resource.close()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
  })

  // Its owner record is a TXT as well, and was taken for it: right after a takeover it was told as foreign.
  it('holds a TXT record right after it was taken over', async () => {
    const world = new ResourceWorld()
    const resource = world.resource('web-1', { type: 'TXT', follows: { 'web-1': ['to web-1'], 'web-2': ['to web-2'] } })
    await world.ended(resource.acquire(world.right(7)))
    expect(await resource.observe()).toMatchObject({ state: 'held' })
  })

  it('looks before it is needed, when it will probably be acquired', async () => {
    const world = new ResourceWorld()
    world.resource('web-1').prepare?.()
    await world.clock.advance(0)
    expect(world.zone.asked).toHaveLength(2)
  })

  it('has time for its calls, and for the waiting that the provider makes of them', () => {
    const world = new ResourceWorld()
    expect(world.resource('web-1').allowedMs.acquire).toBe(20_000)
    const slow = { ...world.zone, capabilities: { ...world.zone.capabilities, rate: { perSecond: 0.25, burst: 2, source: '' } } }
    expect(world.resource('web-1', { provider: slow }).allowedMs.acquire).toBe(52_000)
  })
})

describe('the instructions for people', () => {
  it('name the console where nothing better is known, and never a command that does nothing', () => {
    const resource = new ResourceWorld().resource('web-1')
    expect(resource.instruction('acquire', 'web-2')).toEqual({
      what: 'Let shop.example.com A 192.0.2.2 (30 s) lead here.',
      manual: ['# in the console of memory zone example.com: set shop.example.com A to 192.0.2.2, and nothing else, with a TTL of 30 s'],
      verification: {
        command: `dig +short @"$(dig +short example.com NS | head -n 1)" shop.example.com A | LC_ALL=C sort | paste -sd ' ' -`,
        expect: String.raw`^192\.0\.2\.2$`,
      },
    })
    expect(() => resource.instruction('acquire', 'web-9')).toThrow('it has nothing for web-9')
  })

  it('are one message of nsupdate, asked for at the server that was named', () => {
    const byHand = nsupdateByHand({ server: '192.0.2.53', keyFile: '/etc/hotspare/update.key' })
    const resource = new ResourceWorld().resource('web-1', { byHand, nameServer: '192.0.2.53' })
    const { manual, verification } = resource.instruction('release', 'web-1')
    expect(manual).toEqual([expect.stringContaining(`update delete ${OWNER.name}. TXT`)])
    expect(verification).toEqual({ command: `dig +short @192.0.2.53 ${OWNER.name} TXT`, expect: '^$' })
  })

  it('expect every value, as the server writes it', () => {
    const world = new ResourceWorld()
    const verify = (type: 'AAAA' | 'CNAME' | 'TXT', values: string[]) =>
      world.resource('web-1', { type, follows: { 'web-1': values } }).instruction('acquire', 'web-1').verification.expect
    expect(verify('AAAA', ['2001:db8::2', '2001:DB8:0::1'])).toBe('^2001:db8::1 2001:db8::2$')
    expect(verify('CNAME', ['web-1.example.net'])).toBe(String.raw`^web-1\.example\.net\.$`)
    expect(verify('TXT', ['a (b)', 'c "d"'])).toBe(String.raw`^"a \(b\)" "c \\"d\\""$`)
  })
})
