import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeMessage } from './decode-message.ts'
import { encodeMessage } from './encode-message.ts'
import { decodeUpdate, encodeUpdate } from './encode-update.ts'
import { DnsParseError, DnsValueError } from './errors.ts'
import { noFlags, type WireRecord } from './message.ts'
import type { UpdateMessage } from './update.ts'

const base: UpdateMessage = { id: 7, zone: 'example.test', prerequisites: [], updates: [] }
const nothing = { kind: 'opaque', bytes: new Uint8Array(0) }
const name = 'www.example.test'

describe('encodeUpdate', () => {
  it.each<{ what: string; update: Partial<UpdateMessage> }>([
    {
      what: 'a set without a value, which would ask for nothing',
      update: { prerequisites: [{ kind: 'set-is', name, type: 'A', values: [] }] },
    },
    { what: 'adding nothing', update: { updates: [{ kind: 'add', name, type: 'A', ttlSeconds: 1, values: [] }] } },
    { what: 'a value that is none', update: { updates: [{ kind: 'add', name, type: 'A', ttlSeconds: 1, values: ['::1'] }] } },
    {
      what: 'data of another type',
      update: { updates: [{ kind: 'add', name, type: 'A', ttlSeconds: 1, values: [{ kind: 'AAAA', address: '::1' }] }] },
    },
    { what: 'a zone that is no name', update: { zone: 'a..b' } },
    { what: 'a type that there is not', update: { updates: [{ kind: 'delete-set', name, type: 'B' }] } },
    {
      what: 'more values than fit',
      update: { updates: [{ kind: 'add', name, type: 'A', ttlSeconds: 1, values: Array<string>(4_097).fill('192.0.2.1') }] },
    },
  ])('refuses $what', ({ update }) => {
    expect(() => encodeUpdate({ ...base, ...update })).toThrow(DnsValueError)
  })

  it('writes each kind as RFC 2136 has it', () => {
    const message = decodeMessage(
      encodeUpdate({
        ...base,
        prerequisites: [
          { kind: 'name-in-use', name },
          { kind: 'name-not-in-use', name },
          { kind: 'set-exists', name, type: 'A' },
          { kind: 'set-absent', name, type: 'A' },
          { kind: 'set-is', name, type: 'A', values: ['192.0.2.1', '192.0.2.2'] },
        ],
        updates: [
          { kind: 'delete-set', name, type: 'A' },
          { kind: 'delete-name', name },
          { kind: 'delete-record', name, type: 'A', values: ['192.0.2.1'] },
          { kind: 'add', name, type: 'A', ttlSeconds: 30, values: ['192.0.2.3'] },
        ],
      }),
    )
    const address = (text: string) => ({ kind: 'A', address: text })
    expect(message).toMatchObject({
      id: 7,
      flags: { ...noFlags, opcode: 'UPDATE' },
      questions: [{ name: 'example.test', type: 'SOA', class: 'IN' }],
      answers: [
        { name, type: 'ANY', class: 'ANY', ttlSeconds: 0, data: nothing },
        { name, type: 'ANY', class: 'NONE', ttlSeconds: 0, data: nothing },
        { name, type: 'A', class: 'ANY', ttlSeconds: 0, data: nothing },
        { name, type: 'A', class: 'NONE', ttlSeconds: 0, data: nothing },
        { name, type: 'A', class: 'IN', ttlSeconds: 0, data: address('192.0.2.1') },
        { name, type: 'A', class: 'IN', ttlSeconds: 0, data: address('192.0.2.2') },
      ],
      authorities: [
        { name, type: 'A', class: 'ANY', ttlSeconds: 0, data: nothing },
        { name, type: 'ANY', class: 'ANY', ttlSeconds: 0, data: nothing },
        { name, type: 'A', class: 'NONE', ttlSeconds: 0, data: address('192.0.2.1') },
        { name, type: 'A', class: 'IN', ttlSeconds: 30, data: address('192.0.2.3') },
      ],
    })
  })
})

describe('decodeUpdate', () => {
  it('reads what was written', () => {
    const anyName = fc.constantFrom('example.test', name, '*.example.test')
    const values = fc.uniqueArray(fc.ipV4(), { minLength: 1, maxLength: 3 })
    const set = { name: anyName, type: fc.constant('A'), values }
    const prerequisite = fc.oneof(
      fc.record({ kind: fc.constantFrom('name-in-use' as const, 'name-not-in-use' as const), name: anyName }),
      fc.record({ kind: fc.constantFrom('set-exists' as const, 'set-absent' as const), name: anyName, type: fc.constantFrom('A', 'TXT') }),
      fc.record({ kind: fc.constant('set-is' as const), ...set }),
    )
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), ttlSeconds: fc.nat(), ...set }),
      fc.record({ kind: fc.constant('delete-set' as const), name: anyName, type: fc.constantFrom('A', 'TXT') }),
      fc.record({ kind: fc.constant('delete-name' as const), name: anyName }),
      fc.record({ kind: fc.constant('delete-record' as const), ...set }),
    )
    fc.assert(
      fc.property(fc.array(prerequisite, { maxLength: 4 }), fc.array(step, { maxLength: 4 }), (prerequisites, updates) => {
        const bytes = encodeUpdate({ ...base, prerequisites, updates })
        const read = decodeUpdate(bytes)
        expect(Buffer.from(encodeUpdate(read))).toEqual(Buffer.from(bytes))
      }),
    )
  })

  const record: WireRecord = { name, type: 'A', class: 'IN', ttlSeconds: 0, data: { kind: 'A', address: '192.0.2.1' } }
  const bytesOf = (answers: readonly WireRecord[], authorities: readonly WireRecord[] = []) =>
    encodeMessage({
      id: 1,
      flags: { ...noFlags, opcode: 'UPDATE' },
      rcode: 'NOERROR',
      questions: [{ name: 'example.test', type: 'SOA', class: 'IN' }],
      answers,
      authorities,
      additionals: [],
    })
  const opaque = { kind: 'opaque', bytes: Uint8Array.of(1, 2, 3, 4) } as const

  it.each([
    { what: 'a prerequisite with a TTL', bytes: bytesOf([{ ...record, ttlSeconds: 1 }]) },
    { what: 'a prerequisite of class ANY with data', bytes: bytesOf([{ ...record, class: 'ANY', data: opaque }]) },
    { what: 'a prerequisite of class NONE with data', bytes: bytesOf([{ ...record, class: 'NONE' }]) },
    { what: 'a prerequisite of class CH', bytes: bytesOf([{ ...record, class: 'CH', data: opaque }]) },
    { what: 'a deletion with a TTL', bytes: bytesOf([], [{ ...record, class: 'NONE', ttlSeconds: 1 }]) },
    { what: 'a deletion of class ANY with data', bytes: bytesOf([], [{ ...record, class: 'ANY', data: opaque }]) },
    { what: 'an update of class CH', bytes: bytesOf([], [{ ...record, class: 'CH', data: opaque }]) },
    {
      what: 'a question',
      bytes: encodeMessage({ id: 1, flags: noFlags, rcode: 'NOERROR', questions: [], answers: [], authorities: [], additionals: [] }),
    },
  ])('refuses $what', ({ bytes }) => {
    expect(() => decodeUpdate(bytes)).toThrow(DnsParseError)
  })
})
