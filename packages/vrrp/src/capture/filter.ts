/**
 * A classic BPF program (packet(7), SO_ATTACH_FILTER): the kernel hands over VRRP and claims of the addresses that are watched, so that
 * a busy network costs nothing. Offsets are those of an untagged Ethernet frame; a tag is taken off before the filter sees it.
 */

const LOAD_WORD = 0x20
const LOAD_HALF = 0x28
const LOAD_BYTE = 0x30
const JUMP_IF_EQUAL = 0x15
const RETURN = 0x06
/** As much of a frame as is kept: an advert of 50 addresses over IPv6 is cut off, and told as damaged. */
const KEPT_BYTES = 1_024

/** Operation, jump if true, jump if false, operand. */
export type Instruction = readonly [operation: number, whenTrue: number, whenFalse: number, operand: number]

/** Where a test goes on: with the next instruction, or to an end. */
type Target = 'next' | 'accept' | 'refuse' | `@${string}`

interface Draft {
  readonly label?: string
  readonly operation: number
  readonly operand: number
  readonly whenTrue?: Target
  readonly whenFalse?: Target
}

/**
 * @param addresses whose claims by ARP are let through, in 4 bytes each; with none or more than `most`, all of ARP
 * @param most a chain of tests must not be longer than a jump reaches: 64 is safe
 */
export function routerFilter(addresses: readonly Uint8Array[], most: number): readonly Instruction[] {
  const watched = addresses.filter(({ length }) => length === 4)
  const senders = watched.length > most ? [] : watched
  return assemble([
    { operation: LOAD_HALF, operand: 12 },
    is(0x0800, '@ipv4', 'next'),
    is(0x86dd, '@ipv6', 'next'),
    is(0x0806, senders.length === 0 ? 'accept' : '@arp', 'refuse'),
    // VRRP, or an authentication header around it.
    { label: 'ipv4', operation: LOAD_BYTE, operand: 23 },
    is(112, 'accept', 'next'),
    is(51, 'accept', 'refuse'),
    { label: 'ipv6', operation: LOAD_BYTE, operand: 20 },
    is(112, 'accept', 'next'),
    is(58, 'next', 'refuse'),
    { operation: LOAD_BYTE, operand: 54 },
    is(136, 'accept', 'refuse'),
    // Whose address the sender says is its own.
    { label: 'arp', operation: LOAD_WORD, operand: 28 },
    ...senders.map((bytes) => is(new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0), 'accept', 'next')),
  ])
}

function is(operand: number, whenTrue: Target, whenFalse: Target): Draft {
  return { operation: JUMP_IF_EQUAL, operand, whenTrue, whenFalse }
}

function assemble(drafts: readonly Draft[]): readonly Instruction[] {
  // Behind the last test comes the refusal, so that whoever falls through is refused.
  const refuseAt = drafts.length
  const acceptAt = drafts.length + 1
  const labels = new Map(drafts.flatMap(({ label }, index) => (label === undefined ? [] : [[`@${label}`, index] as const])))
  const jump = (target: Target | undefined, from: number) => {
    if (target === undefined || target === 'next') return 0
    const to = target === 'accept' ? acceptAt : target === 'refuse' ? refuseAt : (labels.get(target) ?? refuseAt)
    return to - from - 1
  }
  return [
    ...drafts.map(({ operation, operand, whenTrue, whenFalse }, index): Instruction => [
      operation,
      jump(whenTrue, index),
      jump(whenFalse, index),
      operand,
    ]),
    [RETURN, 0, 0, 0],
    [RETURN, 0, 0, KEPT_BYTES],
  ]
}

/** `struct sock_filter[]` in the order of bytes of a little-endian machine. */
export function encodeFilter(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8)
  const view = new DataView(bytes.buffer)
  for (const [index, [operation, whenTrue, whenFalse, operand]] of program.entries()) {
    view.setUint16(index * 8, operation, true)
    view.setUint8(index * 8 + 2, whenTrue)
    view.setUint8(index * 8 + 3, whenFalse)
    view.setUint32(index * 8 + 4, operand, true)
  }
  return bytes
}
