import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EngineMemberState } from '../engines/engine.ts'
import type { WantedMember } from '../engines/members.ts'
import { haproxyWeights, type HaproxyPlanOptions, planHaproxy } from './plan.ts'
import type { HaproxyServer } from './servers-state.ts'

const existing: HaproxyPlanOptions = { backend: 'web', managed: false, serverParameters: [] }
const managed: HaproxyPlanOptions = { ...existing, managed: true, serverParameters: ['maxconn', '50'] }
const server = (name: string, rest: Partial<HaproxyServer> = {}): HaproxyServer => ({
  name,
  host: '10.0.0.1',
  port: 80,
  weight: 1,
  state: 'serve',
  ...rest,
})
const member = (id: string, rest: Partial<WantedMember> = {}): WantedMember => ({
  id,
  host: '10.0.0.1',
  port: 80,
  weight: 1,
  state: 'serve',
  ...rest,
})
const commands = (...parameters: Parameters<typeof planHaproxy>) => planHaproxy(...parameters).commands.map(({ command }) => command)

/** HAProxy as its manual has it; a server with connections cannot be deleted. */
class Model {
  readonly servers: Map<string, HaproxyServer>
  readonly busy: ReadonlySet<string>

  constructor(servers: readonly HaproxyServer[], busy: ReadonlySet<string> = new Set()) {
    this.servers = new Map(servers.map((each) => [each.name, each]))
    this.busy = busy
  }

  get list(): HaproxyServer[] {
    return [...this.servers.values()]
  }

  get ready(): number {
    return this.list.filter(({ state, weight }) => state === 'serve' && weight > 0).length
  }

  tell(command: string): void {
    const [verb, , path = '', what = '', value = '', , port = ''] = command.split(' ')
    const name = path.replace(/^web\//, '')
    if (!path.startsWith('web/')) throw new Error(`another backend: ${command}`)
    const known = this.servers.get(name)
    if (verb === 'add') {
      if (known || value !== 'weight') throw new Error(`not to be added: ${command}`)
      const [, host = '', at = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(what) ?? []
      this.servers.set(name, { name, host, port: Number(at), weight: Number(command.split(' ')[5]), state: 'off' })
      return
    }
    if (!known) throw new Error(`no such server: ${command}`)
    if (verb === 'del') {
      if (known.state === 'off' && !this.busy.has(name)) this.servers.delete(name)
    } else if (what === 'state') {
      const state = { ready: 'serve', drain: 'drain', maint: 'off' }[value] as HaproxyServer['state'] | undefined
      if (!state) throw new Error(`no state: ${command}`)
      this.servers.set(name, { ...known, state })
    } else if (what === 'weight') this.servers.set(name, { ...known, weight: Number(value) })
    else if (what === 'addr') this.servers.set(name, { ...known, host: value, port: Number(port) })
    else throw new Error(`not known: ${command}`)
  }
}

describe('planHaproxy', () => {
  it.for([
    ['a drain', [server('a')], [member('a', { state: 'drain' })], ['set server web/a state drain']],
    ['an end', [server('a')], [member('a', { state: 'off' })], ['set server web/a state maint']],
    ['a return', [server('a', { state: 'off' })], [member('a')], ['set server web/a state ready']],
    ['a spare, which cannot be said', [server('a')], [member('a', { state: 'spare' })], ['set server web/a state drain']],
    ['nothing for what is so', [server('a', { state: 'drain', weight: 9 })], [member('a', { state: 'drain' })], []],
    ['another address', [server('a')], [member('a', { host: '::1', port: 81 })], ['set server web/a addr ::1 port 81']],
    ['nothing for an address in other letters', [server('a', { host: '2001:db8::1' })], [member('a', { host: '2001:DB8:0::1' })], []],
    ['nothing for the address of a name', [server('a')], [member('a', { host: 'origin.internal' })], []],
    ['nothing for servers of others', [server('a'), server('theirs', { state: 'drain' })], [member('a')], []],
    [
      'weights before traffic, and who comes before who goes',
      [server('a'), server('b', { state: 'off', weight: 0 })],
      [member('a', { state: 'off' }), member('b')],
      ['set server web/b weight 1', 'set server web/b state ready', 'set server web/a state maint'],
    ],
  ] as const)('plans %s', ([, observed, wanted, expected]) => {
    expect(commands(observed, wanted, existing)).toEqual(expected)
  })

  it('says who is missing where servers are the configuration’s, and adds them where they are ours', () => {
    const wanted = [member('a'), member('b', { host: '::1', weight: 3 }), member('c', { host: 'named.internal', state: 'off' })]
    expect(planHaproxy([server('a')], wanted, existing).missing).toEqual(['b', 'c'])
    expect(planHaproxy([server('a')], wanted, managed)).toMatchObject({ missing: ['c'] })
    expect(commands([server('a')], wanted, managed)).toEqual([
      'add server web/b [::1]:80 weight 3 maxconn 50',
      'set server web/b state ready',
    ])
  })

  it('takes away who is nobody’s any more, last, and nobody for an empty wish', () => {
    expect(commands([server('a'), server('old')], [member('a')], managed)).toEqual(['set server web/old state maint', 'del server web/old'])
    expect(commands([server('a'), server('b')], [], managed)).toEqual([])
  })

  const names = ['a', 'b', 'c', 'd']
  const host = fc.constantFrom('10.0.0.1', '10.0.0.2', '::1')
  const port = fc.constantFrom(80, 81)
  const states: EngineMemberState[] = ['serve', 'spare', 'drain', 'off']
  const servers = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom(...names),
      host,
      port,
      weight: fc.integer({ min: 0, max: 256 }),
      state: fc.constantFrom('serve' as const, 'drain' as const, 'off' as const),
    }),
    { selector: ({ name }) => name },
  )
  const wishes = fc.uniqueArray(
    fc.record({
      id: fc.constantFrom(...names),
      host,
      port,
      weight: fc.double({ min: 0.5, max: 2_000, noNaN: true }),
      state: fc.constantFrom(...states),
    }),
    { selector: ({ id }) => id, minLength: 1 },
  )
  const modes = fc.constantFrom(existing, managed)

  it('brings any backend to any wish, and has nothing left to say then', () => {
    fc.assert(
      fc.property(servers, wishes, modes, (observed, wanted, options) => {
        const model = new Model(observed)
        for (const command of commands(observed, wanted, options)) model.tell(command)
        expect(commands(model.list, wanted, options)).toEqual([])
        const weights = haproxyWeights(wanted)
        const told = wanted.flatMap(({ id, state, host: at, port: on }) => {
          const now = model.servers.get(id)
          const right = {
            name: id,
            host: at,
            port: on,
            weight: state === 'serve' ? weights.get(id) : now?.weight,
            state: state === 'spare' ? 'drain' : state,
          }
          return now ? [[now, right]] : []
        })
        expect(told.map(([now]) => now)).toEqual(told.map(([, right]) => right))
        const ours = options.managed ? wanted.map(({ id }) => id) : observed.map(({ name }) => name)
        expect([...model.servers.keys()].toSorted()).toEqual(ours.toSorted())
      }),
    )
  })

  it('never passes through a backend without a ready server between two that have one, and leaves busy ones be', () => {
    fc.assert(
      fc.property(servers, wishes, modes, fc.subarray(names), (observed, wanted, options, busy) => {
        const model = new Model(observed, new Set(busy))
        const before = model.ready
        const passed: number[] = []
        for (const command of commands(observed, wanted, options)) {
          model.tell(command)
          passed.push(model.ready)
        }
        expect(before === 0 || model.ready === 0 || !passed.includes(0)).toBe(true)
        const left = planHaproxy(model.list, wanted, options)
        expect(left.commands.every(({ server: name }) => left.leaving.includes(name) && busy.includes(name))).toBe(true)
      }),
    )
  })
})
