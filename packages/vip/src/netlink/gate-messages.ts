import type { VirtualAddress } from '../address.ts'
import { type ALIVE, GATE_TABLE, gateTables, type GUARDED } from '../gate-rules.ts'
import { attribute, joined, nested, NLM_F_ACK, NLM_F_CREATE, NLM_F_REQUEST, type NetlinkMessage, textAttribute } from './message.ts'

/** One transaction of nf_tables that sets elements with timeouts (linux/netfilter/nf_tables.h, nfnetlink.h). */

const SUBSYSTEM = 10
const NEW_ELEMENT = (SUBSYSTEM << 8) | 12
const DELETE_ELEMENT = (SUBSYSTEM << 8) | 14
const BATCH_BEGIN = 16
const BATCH_END = 17
const FAMILY = { inet: 1, arp: 3 } as const

const LIST_TABLE = 1
const LIST_SET = 2
const LIST_ELEMENTS = 3
const LIST_ELEMENT = 1
const ELEMENT_KEY = 1
const ELEMENT_TIMEOUT = 4
const DATA_VALUE = 1

/** What becomes of one of our sets: the address is in it for so long from now, or not at all. */
export interface SetChange {
  readonly set: typeof GUARDED | typeof ALIVE
  /** 0 takes it out. */
  readonly timeoutMs: number
}

/**
 * A batch that makes `changes` in all tables at one moment. Kernels before 6.12 do not change the timeout of an element that is
 * there, so each is added (to be sure that it is there), deleted, and added anew; nobody sees what is in between.
 *
 * @param firstSequence of the messages, counting on
 */
export function gateBatch(address: VirtualAddress, changes: readonly SetChange[], firstSequence: number): readonly NetlinkMessage[] {
  const edits = gateTables(address.family).flatMap((table) =>
    changes.flatMap(({ set, timeoutMs }) => {
      const about = { table, set: `${set}${address.family}`, key: address.bytes }
      const sure = { type: NEW_ELEMENT, body: elementBody({ ...about, timeoutMs: Math.max(timeoutMs, 1_000) }) }
      const gone = { type: DELETE_ELEMENT, body: elementBody(about) }
      const anew = { type: NEW_ELEMENT, body: elementBody({ ...about, timeoutMs }) }
      return timeoutMs > 0 ? [sure, gone, anew] : [sure, gone]
    }),
  )
  const batch = [
    { type: BATCH_BEGIN, flags: NLM_F_REQUEST, body: batchBody() },
    ...edits.map(({ type, body }) => ({ type, flags: NLM_F_REQUEST | NLM_F_ACK | (type === NEW_ELEMENT ? NLM_F_CREATE : 0), body })),
    { type: BATCH_END, flags: NLM_F_REQUEST, body: batchBody() },
  ]
  return batch.map((message, index) => ({ ...message, sequence: firstSequence + index }))
}

interface ElementFields {
  readonly table: keyof typeof FAMILY
  readonly set: string
  readonly key: Uint8Array
  readonly timeoutMs?: number | undefined
}

function elementBody({ table, set, key, timeoutMs }: ElementFields): Uint8Array {
  const element = nested(
    LIST_ELEMENT,
    nested(ELEMENT_KEY, attribute(DATA_VALUE, key)),
    ...(timeoutMs === undefined ? [] : [attribute(ELEMENT_TIMEOUT, networkLong(timeoutMs))]),
  )
  return joined([
    Uint8Array.of(FAMILY[table], 0, 0, 0),
    textAttribute(LIST_TABLE, GATE_TABLE),
    textAttribute(LIST_SET, set),
    nested(LIST_ELEMENTS, element),
  ])
}

/** `struct nfgenmsg` that names the subsystem of the batch, in network order. */
function batchBody(): Uint8Array {
  return Uint8Array.of(0, 0, 0, SUBSYSTEM)
}

function networkLong(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(Math.floor(value)))
  return bytes
}
