import { describe, expect, it } from 'vitest'
import { bytesOf, keepalivedFrames as frames } from '../frames.fixture.ts'
import { encodeFilter, type Instruction, routerFilter } from './filter.ts'
import { whoHas } from './questions.ts'

/** Runs a program as the kernel does, as far as ours goes. @returns how many bytes are kept */
function run(program: readonly Instruction[], frame: Uint8Array): number {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  let accumulator = 0
  for (let at = 0; at < program.length; at++) {
    const [operation, whenTrue, whenFalse, operand] = program[at] ?? [NaN, 0, 0, 0]
    if (operation === 0x06) return operand
    if (operation === 0x15) at += accumulator === operand ? whenTrue : whenFalse
    else {
      const bytes = { 0x20: 4, 0x28: 2, 0x30: 1 }[operation] ?? NaN
      // The kernel drops a frame that is too short for a load.
      if (operand + bytes > frame.length) return 0
      accumulator = bytes === 4 ? view.getUint32(operand) : bytes === 2 ? view.getUint16(operand) : view.getUint8(operand)
    }
  }
  throw new Error('it runs off its end')
}

describe('the filter', () => {
  const { routerSolicitation, arpQuestion, gratuitousArp, arpAnswer, ...others } = frames
  const watched = [Uint8Array.of(10, 9, 0, 99), Uint8Array.of(10, 9, 0, 100)]

  it('keeps out what is neither VRRP nor a claim of a watched address', () => {
    const tcp = bytesOf(frames.version3)
    tcp[23] = 6
    for (const frame of [tcp, bytesOf(routerSolicitation), bytesOf(arpQuestion), bytesOf(arpAnswer), new Uint8Array(14), new Uint8Array(3)])
      expect(run(routerFilter(watched, 64), frame)).toBe(0)
  })

  it('lets adverts and claims of watched addresses in', () => {
    for (const hex of [...Object.values(others), gratuitousArp]) expect(run(routerFilter(watched, 64), bytesOf(hex))).toBe(1_024)
  })

  it.each([
    ['no address', [], 64],
    ['too many of them', watched, 1],
  ])('lets all of ARP in with %s', (_, addresses, most) => {
    expect(run(routerFilter(addresses, most), bytesOf(arpAnswer))).toBe(1_024)
  })

  it('has jumps of one byte with as many addresses as it takes', () => {
    const addresses = Array.from({ length: 64 }, (_, index) => Uint8Array.of(10, 0, 0, index))
    const program = routerFilter(addresses, 64)
    for (const [, whenTrue, whenFalse] of program) expect(Math.max(whenTrue, whenFalse)).toBeLessThan(256)
    expect(encodeFilter(program)).toHaveLength(program.length * 8)
    expect(run(program, Uint8Array.from([...bytesOf(gratuitousArp).subarray(0, 28), 10, 0, 0, 63, ...new Uint8Array(10)]))).toBe(1_024)
  })
})

describe('a question after an address', () => {
  const hardware = Uint8Array.of(2, 0x4d, 0, 0, 0, 1)

  it('comes from nobody by ARP, so that no cache learns from it', () => {
    expect(Buffer.from(whoHas(hardware, Uint8Array.of(10, 9, 0, 100))).toString('hex')).toBe(
      'ffffffffffff024d0000000108060001080006040001024d00000001000000000000000000000a090064',
    )
  })

  it('comes from :: by neighbour discovery, to the group of the address, with a checksum', () => {
    const frame = whoHas(hardware, Uint8Array.from(Buffer.from('fd090000000000000000000000000100', 'hex')))
    const hex = Buffer.from(frame).toString('hex')
    expect(hex.slice(0, 28)).toBe('3333ff000100024d0000000186dd')
    expect(hex.slice(44, 108)).toBe(`${'0'.repeat(32)}ff0200000000000000000001ff000100`)
    expect(hex.slice(108)).toBe('87007b9e00000000fd090000000000000000000000000100')
  })
})
