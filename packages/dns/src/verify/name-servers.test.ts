import { describe, expect, it } from 'vitest'
import { answer, authoritative, FakeNetwork, records, referring, resolver, silent } from './fake-network.fixture.ts'
import { type Finding, findNameServers } from './name-servers.ts'

const zone = 'example.com'
const at = (address: string) => ({ address, port: 53 })
const RESOLVER = `
  com 100 NS a.gtld.test
  a.gtld.test 100 A 192.0.2.1
  example.com 100 NS ns1.example.com
  example.com 100 NS ns2.example.net
  ns1.example.com 100 A 192.0.2.53
  ns1.example.com 100 AAAA 2001:db8::53
  ns2.example.net 100 A 198.51.100.53
  ns3.example.com 100 A 203.0.113.53
`
const ZONE = `
  example.com 100 NS ns1.example.com
  example.com 100 NS ns2.example.net
`

/** A zone whose parent and servers agree, unless a test changes a part. */
function network(parts: { readonly parent?: string; readonly zone?: string; readonly resolver?: string } = {}): FakeNetwork {
  return new FakeNetwork()
    .at('192.0.2.9', resolver(parts.resolver ?? RESOLVER))
    .at('192.0.2.1', referring(zone, parts.parent ?? ZONE))
    .at('192.0.2.53', authoritative(zone, parts.zone ?? ZONE))
    .at('198.51.100.53', authoritative(zone, parts.zone ?? ZONE))
}

function find(net: FakeNetwork, options: Partial<Finding> = {}) {
  return findNameServers({ zone, ask: net.ask, resolvers: [at('192.0.2.9')], parent: true, port: 53, ...options }, {})
}

describe('where something is missing', () => {
  it('there is no server, and a reason, when nobody can be asked', async () => {
    expect(await find(new FakeNetwork(), { resolvers: [] })).toEqual({
      parent: undefined,
      child: undefined,
      places: [],
      gaps: ['no server of the parent zone was found', 'no resolver to ask'],
    })
  })

  it('a silent parent is a gap, and the servers are those that the resolver knows', async () => {
    const found = await find(network().at('192.0.2.1', () => silent('no answer')))
    expect(found.parent).toBeUndefined()
    expect(found.child).toEqual(['ns1.example.com', 'ns2.example.net'])
    expect(found.gaps).toEqual(['no server of the parent zone told its delegation'])
    expect(found.places.every(({ from }) => from === 'child')).toBe(true)
  })

  it('a parent that does not know the zone is a gap', async () => {
    const found = await find(network().at('192.0.2.1', () => answer({ rcode: 'NXDOMAIN' })))
    expect(found.gaps).toEqual(['no server of the parent zone told its delegation'])
  })

  it('servers that have never heard of the zone leave it to the parent', async () => {
    const lame = () => answer({ rcode: 'REFUSED', authoritative: false })
    const found = await find(network().at('192.0.2.53', lame).at('198.51.100.53', lame))
    expect(found.child).toBeUndefined()
    expect(found.places.map(({ address, from }) => ({ address, from }))).toEqual([
      { address: '192.0.2.53', from: 'parent' },
      { address: '2001:db8::53', from: 'parent' },
      { address: '198.51.100.53', from: 'parent' },
    ])
  })

  it('a parent that this machine reaches over IPv6 alone tells its delegation all the same', async () => {
    const net = network({ resolver: `${RESOLVER}\na.gtld.test 100 AAAA 2001:db8::1` })
      .at('192.0.2.1', () => silent('connect ENETUNREACH', true))
      .at('2001:db8::1', referring(zone, ZONE))
    expect((await find(net)).parent).toEqual(['ns1.example.com', 'ns2.example.net'])
  })

  it('no more than three servers of a parent are waited for', async () => {
    const many = [1, 2, 3, 4, 5].map((host) => ({ address: `203.0.113.${host}`, port: 53 }))
    const net = network()
    await find(net, { parent: many })
    expect(net.asked.filter(({ server }) => many.some(({ address }) => address === server.address))).toHaveLength(3)
  })

  it('a name without an address is a gap', async () => {
    const found = await find(network({ parent: `${ZONE}\nexample.com 100 NS gone.example.com` }))
    expect(found.gaps).toEqual(['no address of gone.example.com'])
  })

  it('a resolver that fails is passed over for the next', async () => {
    const net = network().at('192.0.2.8', () => answer({ rcode: 'SERVFAIL', authoritative: false }))
    const found = await find(net, { resolvers: [at('192.0.2.7'), at('192.0.2.8'), at('192.0.2.9')] })
    expect(found.places).toHaveLength(3)
  })
})

describe('the name servers', () => {
  it('are those of parent and child, in both families', async () => {
    const net = network()
    expect(await find(net)).toEqual({
      parent: ['ns1.example.com', 'ns2.example.net'],
      child: ['ns1.example.com', 'ns2.example.net'],
      places: [
        { name: 'ns1.example.com', address: '192.0.2.53', port: 53, from: 'both' },
        { name: 'ns1.example.com', address: '2001:db8::53', port: 53, from: 'both' },
        { name: 'ns2.example.net', address: '198.51.100.53', port: 53, from: 'both' },
      ],
      gaps: [],
    })
    // Only resolvers are asked to find something out.
    expect(net.asked.filter(({ recursion }) => recursion).every(({ server }) => server.address === '192.0.2.9')).toBe(true)
  })

  it('that the zone names alone, and that its parent names alone, are told apart', async () => {
    const own = `example.com 100 NS ns1.example.com\nexample.com 100 NS ns3.example.com`
    const found = await find(network({ zone: own }))
    expect(found.parent).toEqual(['ns1.example.com', 'ns2.example.net'])
    expect(found.child).toEqual(['ns1.example.com', 'ns3.example.com'])
    expect(new Map(found.places.map(({ name, from }) => [name, from]))).toEqual(
      new Map([
        ['ns1.example.com', 'both'],
        ['ns2.example.net', 'parent'],
        ['ns3.example.com', 'child'],
      ]),
    )
  })

  it('have the addresses that came with the delegation, where no resolver knows them', async () => {
    const net = network({
      resolver: 'com 100 NS a.gtld.test\na.gtld.test 100 A 192.0.2.1',
      parent: 'example.com 100 NS ns1.example.com\nns1.example.com 100 A 192.0.2.53',
      zone: 'example.com 100 NS ns1.example.com',
    })
    expect((await find(net)).places).toEqual([{ name: 'ns1.example.com', address: '192.0.2.53', port: 53, from: 'both' }])
  })

  it('of a zone beneath an empty name are asked for at the nearest zone above', async () => {
    const below = 'a.b.example.com'
    const net = new FakeNetwork()
      .at('192.0.2.9', resolver('example.com 9 NS ns1.example.com\nns1.example.com 9 A 192.0.2.53'))
      .at('192.0.2.53', referring(below, `${below} 9 NS ns.${below}\nns.${below} 9 A 192.0.2.60`))
      .at('192.0.2.60', authoritative(below, `${below} 9 NS ns.${below}`))
    expect(await find(net, { zone: below })).toMatchObject({ parent: [`ns.${below}`], child: [`ns.${below}`], gaps: [] })
  })

  it('are asked for at the servers that were given as the parent, on the port that was given', async () => {
    const net = new FakeNetwork()
      .at('192.0.2.1:5353', referring(zone, 'example.com 9 NS ns1.example.com\nns1.example.com 9 A 192.0.2.53'))
      .at('192.0.2.53:5353', authoritative(zone, 'example.com 9 NS ns1.example.com'))
    const found = await find(net, { resolvers: [], parent: [{ address: '192.0.2.1', port: 5_353 }], port: 5_353 })
    expect(found.places).toEqual([{ name: 'ns1.example.com', address: '192.0.2.53', port: 5_353, from: 'both' }])
  })

  it('of a parent that serves the zone too are in its answer', async () => {
    const net = network().at('192.0.2.1', () => answer({ answers: records(ZONE) }))
    expect((await find(net)).parent).toEqual(['ns1.example.com', 'ns2.example.net'])
  })

  it('are not looked for at the parent where that is not wanted', async () => {
    const net = network()
    expect(await find(net, { parent: false })).toMatchObject({ parent: undefined, gaps: [] })
    expect(net.asked.some(({ server }) => server.address === '192.0.2.1')).toBe(false)
  })
})
