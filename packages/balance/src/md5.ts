/*
 * MD5 (RFC 1321) of short texts, for the points of a ketama ring and for nothing else: it protects nobody. WebCrypto
 * has no MD5, and Node's is not there in a browser.
 */

/** Step s adds floor(2^32 * abs(sin(s + 1))): the RFC's table T. Sines may differ by a last bit between engines, the upper 32 bits of these do not. */
const SINES: Int32Array = Int32Array.from({ length: 64 }, (_, step) => Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32) | 0)

/** How far each step turns: four for each of the four rounds. */
const TURNS: Uint8Array = Uint8Array.of(7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21)

/** @returns the digest as its four little-endian words, unsigned */
export function md5Words(input: Uint8Array): Uint32Array {
  const padded = pad(input)
  const view = new DataView(padded.buffer)
  const state = new Uint32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476])
  const words = new Int32Array(16)
  for (let block = 0; block < padded.length; block += 64) {
    for (let word = 0; word < 16; word++) words[word] = view.getInt32(block + word * 4, true)
    digestBlock(state, words)
  }
  return state
}

/** One bit, zeros up to 8 bytes before the end of a block, and the length in bits. */
function pad(input: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(((input.length + 8) >>> 6) * 64 + 64)
  padded.set(input)
  padded[input.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, input.length << 3, true)
  view.setUint32(padded.length - 4, input.length >>> 29, true)
  return padded
}

function digestBlock(state: Uint32Array, words: Int32Array): void {
  let a = state[0]! | 0
  let b = state[1]! | 0
  let c = state[2]! | 0
  let d = state[3]! | 0
  for (let step = 0; step < 64; step++) {
    const round = step >>> 4
    let mixed = 0
    let word = 0
    // The RFC's F, G, H and I.
    if (round === 0) {
      mixed = (b & c) | (~b & d)
      word = step
    } else if (round === 1) {
      mixed = (b & d) | (c & ~d)
      word = step * 5 + 1
    } else if (round === 2) {
      mixed = b ^ c ^ d
      word = step * 3 + 5
    } else {
      mixed = c ^ (b | ~d)
      word = step * 7
    }
    const sum = (a + mixed + words[word & 15]! + SINES[step]!) | 0
    const turn = TURNS[(round << 2) | (step & 3)]!
    a = d
    d = c
    c = b
    b = (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0
  }
  state[0]! += a
  state[1]! += b
  state[2]! += c
  state[3]! += d
}
