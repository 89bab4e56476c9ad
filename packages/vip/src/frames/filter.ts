/**
 * A classic BPF program: the kernel hands over only frames in which somebody claims our address, so that a busy network
 * costs us nothing. Offsets are those of an untagged Ethernet frame; a tag is taken off before the filter sees it.
 */

/** One instruction: operation, jump if true, jump if false, operand. */
type Instruction = readonly [operation: number, whenTrue: number, whenFalse: number, operand: number]

const LOAD_WORD = 0x20
const LOAD_HALF = 0x28
const LOAD_BYTE = 0x30
const JUMP_IF_EQUAL = 0x15
const RETURN = 0x06
/** As much of a frame as is kept. */
const KEPT_BYTES = 256

/** @param address 4 bytes: ARP with this sender; 16 bytes: neighbour advertisements with this target */
export function claimFilter(address: Uint8Array): Uint8Array {
  const view = new DataView(address.buffer, address.byteOffset, address.byteLength)
  const words = Array.from({ length: address.length / 4 }, (_, index) => view.getUint32(index * 4))
  const tests: readonly (readonly [load: number, offset: number, value: number])[] =
    address.length === 4
      ? [[LOAD_HALF, 12, 0x0806], ...words.map((word): [number, number, number] => [LOAD_WORD, 28, word])]
      : [
          [LOAD_HALF, 12, 0x86dd],
          [LOAD_BYTE, 20, 58],
          [LOAD_BYTE, 54, 136],
          ...words.map((word, index): [number, number, number] => [LOAD_WORD, 62 + index * 4, word]),
        ]
  const program = tests.flatMap(([load, offset, value], index): Instruction[] => [
    [load, 0, 0, offset],
    // Past the rest of the tests and the accepting return.
    [JUMP_IF_EQUAL, 0, (tests.length - index - 1) * 2 + 1, value],
  ])
  return encode([...program, [RETURN, 0, 0, KEPT_BYTES], [RETURN, 0, 0, 0]])
}

/** `struct sock_filter[]`, in the order of bytes of this machine (little-endian: the driver refuses others). */
function encode(program: readonly Instruction[]): Uint8Array {
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
