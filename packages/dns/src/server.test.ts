import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { TestClock } from '@hotspare/core/testing'
import { decodeMessage, presentValue } from '@hotspare/dns-wire'
import { createDnsClient } from '@hotspare/dns-wire/client'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDnsServer, type DnsServerOptions, type ServedZoneOptions } from './server.ts'
import { exampleZone, findProgram, framed, HOST, output, query, set, startServer, TcpClient, udpClient } from './server/server.fixture.ts'

const listen = [{ address: HOST, port: 0 }]
const made = (zone: Partial<ServedZoneOptions>, more: Partial<DnsServerOptions> = {}) =>
  createDnsServer({ zones: [{ name: 'example.test', nameServers: ['ns1.example.test'], ...zone }], listen, ...more })

describe('what cannot be served is refused', () => {
  it.each<[string, Partial<ServedZoneOptions>, string]>([
    ['no name server', { nameServers: [] }, 'zones.0.nameServers: expected the name of at least one server'],
    ['a zone without a name', { name: '' }, 'zones.0.name: expected a name of DNS'],
    ['a secondary without an address', { secondaries: [{ address: 'ns2.example.test' }] }, 'secondaries.0.address: expected an IP address'],
    ['a network that is none', { transferTo: ['192.0.2.0/33'] }, 'transferTo.0: expected an address or a network'],
  ])('%s', (_, zone, message) => {
    expect(() => made(zone)).toThrow(expect.objectContaining({ code: 'HOTSPARE_DNS_OPTIONS', message: expect.stringContaining(message) }))
  })

  it.each<[string, readonly ReturnType<typeof set>[], string]>([
    ['a name of another zone', [set('www.example.org', 'A', '192.0.2.1')], 'www.example.org is not in it'],
    [
      'a CNAME beside others',
      [set('a.example.test', 'CNAME', 'b.test'), set('a.example.test', 'A', '192.0.2.1')],
      'cannot have a CNAME and other',
    ],
    ['a CNAME for the zone', [set('example.test', 'CNAME', 'b.test')], 'its own name cannot be a CNAME'],
    ['one set twice', [set('a.example.test', 'A', '192.0.2.1'), set('A.example.test.', 'A', '192.0.2.2')], 'is there twice'],
    [
      'an answer too large for a message',
      [set('a.example.test', 'TXT', ...['1', '2', '3'].map((first) => first.padEnd(30_000, 'x')))],
      'larger than a message',
    ],
  ])('%s', (_, records, message) => {
    expect(() => made({ records })).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_DNS_ZONE', message: expect.stringContaining(message) }),
    )
  })

  it.each([
    [set('a.example.test', 'A')],
    [set('a.example.test', 'A', '192.0.2')],
    [set('a.example.test', 'MX', 'mail.example.test')],
    [set('a.example.test', 'MX')],
    [set('a.example.test', 'NS', 'ns1.example.test')],
    [set('example.test', 'SOA', 'a b 1 1 1 1 1')],
    [set('a.example.test', 'DNAME', 'b.test')],
    [set('a.example.test', 'ANY', '1')],
    [set('a.example.test', 'WRONG', '1')],
    [set('a..example.test', 'A', '192.0.2.1')],
    [{ ...set('a.example.test', 'A', '192.0.2.1'), ttlSeconds: -1 }],
    [{ ...set('a.example.test', 'CAA', '0 issue "ca.test"'), ttlSeconds: 1.5 }],
  ])('$name $type $values', (record) => {
    expect(() => made({ records: [record] })).toThrow(expect.objectContaining({ code: 'HOTSPARE_DNS_VALUE' }))
  })

  it('no zone, one zone twice, nowhere to listen, and a zone that has what is of one below it', () => {
    const zone = { name: 'example.test', nameServers: ['ns1.example.test'] }
    expect(() => createDnsServer({ zones: [], listen })).toThrow('expected at least one zone')
    expect(() => createDnsServer({ zones: [zone, zone], listen })).toThrow('a zone is there twice')
    expect(() => createDnsServer({ zones: [zone] })).toThrow('listen: expected at least one address')
    const child = { ...zone, name: 'child.example.test' }
    const records = [set('www.child.example.test', 'A', '192.0.2.1')]
    expect(() => createDnsServer({ zones: [{ ...zone, records }, child], listen })).toThrow('belongs to the zone child.example.test')
  })
})

describe('a change', () => {
  it('of what is not served, or cannot be, changes nothing', () => {
    const server = made({ records: [set('www.example.test', 'A', '192.0.2.1')] }, { clock: new TestClock() })
    const serial = server.serial('example.test')
    expect(() => server.set('example.org', [])).toThrow(expect.objectContaining({ code: 'HOTSPARE_DNS_ZONE' }))
    const good = set('www.example.test', 'A', '192.0.2.2')
    expect(() => server.set('example.test', [good, set('www.example.test', 'AAAA')])).toThrow('has no values')
    expect(() => server.set('example.test', [good, set('www.example.org', 'A', '192.0.2.1')])).toThrow('is not in it')
    expect(() => server.set('example.test', [good], { remove: [good] })).toThrow('is there twice')
    expect(() => server.set('example.test', [], { remove: [{ name: 'example.test', type: 'NS' }] })).toThrow(
      'name servers cannot be removed',
    )
    expect(server.serial('example.test')).toBe(serial)
    expect(server.get('example.test', { name: 'www.example.test', type: 'A' })?.values).toEqual(['192.0.2.1'])
  })

  it('tells what is new, and has a newer serial; what was so already is no change', async () => {
    const clock = new TestClock(1_700_000_000_000)
    const server = made({}, { clock })
    const events: unknown[] = []
    server.subscribe((event) => events.push(event))
    const [www, api] = [set('www.example.test', 'A', '192.0.2.1'), set('api.example.test', 'AAAA', '2001:DB8::1')]
    expect(server.set('example.test', [www, api])).toEqual({
      serial: 1_700_000_001,
      changed: ['www.example.test A', 'api.example.test AAAA'],
    })
    expect(server.set('EXAMPLE.test.', [www, { ...api, name: 'API.example.test' }])).toEqual({ serial: 1_700_000_001, changed: [] })
    await clock.advance(60_000)
    expect(server.set('example.test', [www], { remove: [api] })).toEqual({ serial: 1_700_000_060, changed: ['api.example.test AAAA'] })
    expect(events).toMatchObject([
      { type: 'zone-changed', zone: 'example.test', serial: 1_700_000_001 },
      { type: 'zone-changed', at: 1_700_000_060_000, serial: 1_700_000_060, sets: ['api.example.test AAAA'] },
    ])
  })

  it('may turn a name into an alias and back, in one step', () => {
    const server = made({ records: [set('www.example.test', 'A', '192.0.2.1'), set('www.example.test', 'TXT', 'one')] })
    const [a, alias] = [set('www.example.test', 'A', '192.0.2.1'), set('www.example.test', 'CNAME', 'other.test')]
    expect(() => server.set('example.test', [alias])).toThrow('remove one of them in the same change')
    server.set('example.test', [alias], { remove: [a, set('www.example.test', 'TXT')] })
    expect(server.get('example.test', { name: 'www.example.test', type: 'A' })).toBeUndefined()
    server.set('example.test', [a], { remove: [alias] })
    expect(server.get('example.test', { name: 'www.example.test', type: 'A' })?.values).toEqual(['192.0.2.1'])
  })

  it('begins after a serial that somebody else has served before', () => {
    const server = made({ soa: { leastSerial: 2_026_112_299 } }, { clock: new TestClock(1_700_000_000_000) })
    expect(server.serial('example.test')).toBe(2_026_112_300)
  })
})

describe('the life of a server', () => {
  it('an address that is taken is told, and can be tried again', async () => {
    const { port, server } = await startServer()
    const other = createDnsServer({ zones: [exampleZone], listen: [{ address: HOST, port }] })
    await expect(other.start()).rejects.toMatchObject({
      code: 'HOTSPARE_DNS_LISTEN',
      message: expect.stringContaining(`${HOST} port ${port}`),
    })
    await server.stop()
    await other.start()
    await other.stop()
  })

  it('an address may be shared with the process that takes over', async () => {
    const listenShared = { address: HOST, port: 0, shared: true }
    const { port, server } = await startServer({ listen: [listenShared] })
    const { server: successor } = await startServer({ listen: [{ ...listenShared, port }] })
    await server.stop()
    const { ask } = await udpClient(port)
    expect((await ask(query('www.example.test'))).answers).toHaveLength(2)
    expect(successor.stats().udpQuestions).toBe(1)
  })

  it('what was stopped is not started again; both may be called twice', async () => {
    const { server } = await startServer()
    const addresses = server.addresses
    await server.start()
    expect(server.addresses).toEqual(addresses)
    await Promise.all([server.stop(), server.stop()])
    await expect(server.start()).rejects.toMatchObject({ code: 'HOTSPARE_DNS_STOPPED' })
    expect(server.addresses).toEqual([])
  })

  it('a stopped server leaves no port, no connection and no timer', async () => {
    const clock = new TestClock()
    const { server, port } = await startServer({ clock, zones: [{ ...exampleZone, secondaries: [{ address: HOST, port: 9 }] }] })
    const client = new TcpClient(port)
    client.socket.write(framed(query('www.example.test')))
    await client.next()
    await server.stop()
    await expect.poll(() => client.isClosed).toBe(true)
    expect(clock.pendingTimers).toBe(0)
    const again = createSocket('udp4').bind(port, HOST)
    await once(again, 'listening')
    again.close()
  })
})

describe('over UDP', () => {
  it('what is too long for a datagram is given by TCP', async () => {
    const { port } = await startServer()
    const { ask } = await udpClient(port)
    const cut = await ask(query('big.example.test', 'TXT'))
    expect(cut).toMatchObject({ rcode: 'NOERROR', flags: { truncated: true, authoritative: true }, answers: [] })
    const client = new TcpClient(port)
    client.socket.write(framed(query('big.example.test', 'TXT')))
    expect((await client.next()).answers).toHaveLength(10)
  })

  it('every address is answered on, of both families', async (context) => {
    if (!Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1')))
      return context.skip('no IPv6 here')
    const { server } = await startServer({ listen: [HOST, '127.0.0.2', '::1'].map((address) => ({ address, port: 0 })) })
    expect(server.addresses.map(({ address }) => address)).toEqual([HOST, '127.0.0.2', '::1'])
    for (const address of server.addresses) {
      for (const tcp of [false, true]) {
        const { message } = await createDnsClient({ server: address }).query({ name: 'www.example.test', type: 'A', tcp })
        expect(message.answers).toHaveLength(2)
      }
    }
  })

  it('what is many times its question is given by TCP, so that nobody can be shot at', async () => {
    const text = set('text.example.test', 'TXT', 'x'.repeat(200), 'y'.repeat(200))
    const { port } = await startServer({ amplification: 8, zones: [{ ...exampleZone, records: [text] }] })
    const { ask } = await udpClient(port)
    expect((await ask(query('text.example.test', 'TXT'))).flags.truncated).toBe(true)
    const { port: generous } = await startServer({ zones: [{ ...exampleZone, records: [text] }] })
    const client = await udpClient(generous)
    expect((await client.ask(query('text.example.test', 'TXT'))).answers).toHaveLength(2)
  })

  it('a network that asks more often than it may gets few answers, and every second of them says: ask by TCP', async () => {
    const { server, port } = await startServer({ rateLimit: { perSecond: 20, slip: 2 }, clock: new TestClock() })
    const { socket, heard, ask } = await udpClient(port)
    for (let count = 0; count < 60; count++) socket.send(query('www.example.test'))
    await expect.poll(() => server.stats().udpQuestions).toBe(60)
    // About another name it is not over the limit.
    await ask(query('alias.example.test', 'CNAME'))
    const answers = heard.map((bytes) => decodeMessage(bytes))
    expect(answers.filter(({ flags }) => flags.truncated)).toHaveLength(20)
    expect(answers.filter(({ answers: records }) => records.length === 2)).toHaveLength(20)
    expect(server.stats()).toMatchObject({ limited: 40, truncated: 20, answers: { NOERROR: 41 } })
  })

  it('rubbish neither ends it nor is answered with more than was sent', async () => {
    const { server, port } = await startServer({ rateLimit: false })
    const { socket, heard, ask } = await udpClient(port)
    const questions = fc.constantFrom('www.example.test', 'big.example.test', 'x.wild.example.test').map((name) => query(name, 'TXT'))
    const cut = fc.tuple(questions, fc.nat(60)).map(([bytes, length]) => bytes.subarray(0, length))
    const messages = fc.sample(fc.oneof(fc.uint8Array({ maxLength: 1_400 }), questions, cut), { numRuns: 2_000, seed: 5 })
    const taken = () => server.stats().udpQuestions + server.stats().ignored
    for (let sent = 0; sent < messages.length; sent += 100) {
      for (const bytes of messages.slice(sent, sent + 100)) socket.send(bytes)
      // The buffer of the kernel is not to run over.
      await expect.poll(taken, { interval: 1 }).toBe(sent + 100)
    }
    expect((await ask(query('www.example.test'))).answers).toHaveLength(2)
    expect(server.stats().answers['SERVFAIL']).toBeUndefined()
    expect(Math.max(...heard.map(({ length }) => length))).toBeLessThanOrEqual(1_232)
  })

  it('nobody ever gets a mixed or a failed answer while sets are replaced', async () => {
    const addresses = (generation: number) => [1, 2, 3].map((last) => `10.${generation >> 8}.${generation & 0xff}.${last}`)
    const at = (generation: number) => [
      set('www.example.test', 'A', ...addresses(generation)),
      set('alias.example.test', 'CNAME', generation % 2 === 0 ? 'www.example.test' : 'other.example.test'),
      set('other.example.test', 'A', ...addresses(generation)),
    ]
    const { server, port } = await startServer({ rateLimit: false, zones: [{ ...exampleZone, records: at(0) }] })
    const { socket, heard } = await udpClient(port)
    let answered = 0
    const names = ['www.example.test', 'alias.example.test', 'nowhere.example.test']
    const send = () => socket.send(query(names[answered % names.length] ?? '', 'A'))
    socket.on('message', () => {
      answered += 1
      if (answered < 5_000) send()
    })
    for (let window = 0; window < 32; window++) send()
    for (let generation = 1; generation <= 400; generation++) {
      server.set('example.test', at(generation))
      await new Promise((resolve) => setImmediate(resolve))
    }
    answered = Infinity
    expect(heard.length).toBeGreaterThan(300)
    let newest = 0
    for (const bytes of heard) {
      const { rcode, answers } = decodeMessage(bytes)
      if (rcode === 'NXDOMAIN') continue
      expect(rcode).toBe('NOERROR')
      const found = answers.filter(({ type }) => type === 'A').map(({ type, data }) => presentValue(type, data))
      const [, high, low] = found[0]?.split('.').map(Number) ?? []
      const generation = (high ?? 0) * 256 + (low ?? 0)
      // In the order in which they were given, all of one version, and never an older one again.
      expect(found).toEqual(addresses(generation))
      expect(generation).toBeGreaterThanOrEqual(newest)
      newest = generation
      const targets = answers.filter(({ type }) => type === 'CNAME').map(({ data }) => presentValue('CNAME', data))
      expect(targets).toEqual(targets.map(() => (generation % 2 === 0 ? 'www.example.test' : 'other.example.test')))
    }
  })
})

describe('clients of others', () => {
  const dig = findProgram('dig')
  const kdig = findProgram('kdig')

  it('dig asks by UDP and TCP, and understands every answer', async (context) => {
    if (dig === undefined) return context.skip('not installed: dig (apt-get install bind9-dnsutils)')
    const { port } = await startServer()
    const ask = (...given: string[]) => output(dig, [`@${HOST}`, '-p', String(port), '+tries=1', '+time=5', ...given])
    expect(await ask('+short', 'www.example.test', 'A')).toBe('192.0.2.1\n192.0.2.2\n')
    expect(await ask('+short', '+tcp', '+keepopen', 'www.example.test', 'A', 'alias.example.test', 'CNAME')).toBe(
      '192.0.2.1\n192.0.2.2\nwww.example.test.\n',
    )
    expect(await ask('+short', '+noedns', 'x.wild.example.test', 'AAAA')).toBe('2001:db8::9\n')
    const big = await ask('big.example.test', 'TXT')
    expect(big).toContain('Truncated, retrying in TCP mode')
    expect(big.match(/^big\.example\.test\./gm)).toHaveLength(10)
    const negative = await ask('nowhere.example.test', 'A')
    expect(negative).toMatch(/status: NXDOMAIN.*flags: qr aa rd;/s)
    expect(negative).toMatch(/^example\.test\.\s+60\s+IN\s+SOA\s+ns1\.example\.test\. hostmaster\.example\.test\. \d+ 300 60 1209600 60$/m)
    expect(negative).not.toMatch(/warning: (?!recursion requested)|malformed|extra/i)
    expect(await ask('+edns=1', '+noednsnegotiation', 'www.example.test')).toContain('status: BADVERS')
    expect(await ask('+opcode=update', 'www.example.test')).toContain('status: NOTIMP')
    expect(await ask('+nsid', '+cookie', '+subnet=192.0.2.0/24', 'www.example.test')).toMatch(
      /status: NOERROR(?!.*(?:NSID|COOKIE|CLIENT-SUBNET))/s,
    )
    expect(await ask('example.org')).toContain('status: REFUSED')
    expect(await ask('+notcp', 'www.example.test', 'ANY')).toMatch(/HINFO\s+"RFC8482" ""/)
    expect(await ask('example.test', 'AXFR')).toContain('Transfer failed')
    expect(await ask('CH', 'version.bind', 'TXT')).toContain('status: REFUSED')
  })

  it('kdig asks by UDP and TCP, several questions on one connection', async (context) => {
    if (kdig === undefined) return context.skip('not installed: kdig (apt-get install knot-dnsutils)')
    const { port } = await startServer({ zones: [{ ...exampleZone, transferTo: [HOST] }] })
    const ask = (...given: string[]) => output(kdig, [`@${HOST}`, '-p', String(port), '+retry=0', '+time=5', ...given])
    expect(await ask('+short', 'www.example.test', 'A')).toBe('192.0.2.1\n192.0.2.2\n')
    expect(await ask('+tcp', '+keepopen', '+short', 'www.example.test', 'A', 'example.test', 'MX', 'x.wild.example.test', 'AAAA')).toBe(
      '192.0.2.1\n192.0.2.2\n10 mail.example.test.\n2001:db8::9\n',
    )
    expect(await ask('+bufsize=512', '+ignore', 'big.example.test', 'TXT')).toMatch(/Flags: qr aa tc rd/)
    const transfer = await ask('example.test', 'AXFR')
    expect(transfer).toMatch(/^\*\.wild\.example\.test\.\s+30\s+IN\s+AAAA\s+2001:db8::9$/m)
    expect(transfer.match(/\sSOA\s/g)).toHaveLength(2)
  })
})
