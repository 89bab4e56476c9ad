import { abortReason } from '@hotspare/core'
import type { SimulatedMachine, VirtualNetwork } from '@hotspare/core/testing'
import type { LeaseRecord, LeaseRegister, RegisterCallOptions, SwapResult } from '../register.ts'

type Question = { readonly kind: 'read' } | { readonly kind: 'swap'; readonly expected: LeaseRecord | null; readonly next: LeaseRecord }

/** What goes over the virtual network between a register's client and its store. */
export type RegisterPacket =
  | { readonly type: 'question'; readonly id: number; readonly name: string; readonly question: Question }
  | { readonly type: 'answer'; readonly id: number; readonly result: SwapResult | { readonly record: LeaseRecord | null } }

/** The durable records of a virtual store: they outlive the machine that serves them. */
export type VirtualRecords = Map<string, LeaseRecord>

/** Serves records from a machine of a simulation; after a kill, a new machine of that name serves the same records. */
export function serveVirtualRegister(network: VirtualNetwork<RegisterPacket>, machine: SimulatedMachine, records: VirtualRecords): void {
  network.attach(machine, (packet, from) => {
    if (packet.type !== 'question') return
    const { id, name, question } = packet
    network.send(machine.name, from, { type: 'answer', id, result: answer(records, name, question) })
  })
}

/** A register whose calls travel over the virtual network: lost, late, repeated and reordered as it wills. */
export function virtualRegister(network: VirtualNetwork<RegisterPacket>, machine: SimulatedMachine, store: string): LeaseRegister {
  const waiting = new Map<number, (packet: RegisterPacket) => void>()
  let calls = 0
  network.attach(machine, (packet) => {
    waiting.get(packet.id)?.(packet)
    waiting.delete(packet.id)
  })
  const ask = (name: string, question: Question, { signal }: RegisterCallOptions = {}) =>
    new Promise<SwapResult | { readonly record: LeaseRecord | null }>((resolve, reject) => {
      if (signal?.aborted) return reject(abortReason(signal))
      const id = ++calls
      waiting.set(id, (packet) => packet.type === 'answer' && resolve(packet.result))
      signal?.addEventListener(
        'abort',
        () => {
          waiting.delete(id)
          reject(abortReason(signal))
        },
        { once: true },
      )
      network.send(machine.name, store, { type: 'question', id, name, question })
    })
  return {
    description: `virtual store ${store}`,
    async read(name, options) {
      const result = await ask(name, { kind: 'read' }, options)
      return 'record' in result ? result.record : null
    },
    async compareAndSwap(name, expected, next, options) {
      const result = await ask(name, { kind: 'swap', expected, next }, options)
      return 'record' in result ? { swapped: false, current: result.record } : result
    },
    async close() {},
  }
}

function answer(records: VirtualRecords, name: string, question: Question): SwapResult | { readonly record: LeaseRecord | null } {
  const current = records.get(name) ?? null
  if (question.kind === 'read') return { record: current }
  if (current?.revision !== question.expected?.revision) return { swapped: false, current }
  records.set(name, question.next)
  return { swapped: true }
}
