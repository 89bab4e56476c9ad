import { carry, multiplyHigh, readBigInt, toBigInt, type Uint64 } from './uint64.ts'
import { toUtf8 } from './utf8.ts'

// The five primes of the specification, as halves.
const P1_HIGH = 0x9e3779b1
const P1_LOW = 0x85ebca87
const P2_HIGH = 0xc2b2ae3d
const P2_LOW = 0x27d4eb4f
const P3_HIGH = 0x165667b1
const P3_LOW = 0x9e3779f9
const P4_HIGH = 0x85ebca77
const P4_LOW = 0xc2b2ae63
const P5_HIGH = 0x27d4eb2f
const P5_LOW = 0x165667c5

/**
 * XXH64 (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md): what Envoy hashes keys and hosts with. Fast
 * and even, but nobody's secret: whoever knows the seed can make keys that fall together.
 *
 * @param input a text counts as its UTF-8
 * @param seed an unsigned 64-bit number. Default: 0
 * @returns an unsigned 64-bit number
 */
export function xxh64(input: string | Uint8Array, seed = 0n): bigint {
  const bytes = typeof input === 'string' ? toUtf8(input) : input
  const out = { high: 0, low: 0 }
  readBigInt(seed, out)
  writeXxh64(bytes, bytes.length, out.high, out.low, out)
  return toBigInt(out)
}

/** Hashes the first `length` bytes. Allocates nothing. */
export function writeXxh64(bytes: Uint8Array, length: number, seedHigh: number, seedLow: number, out: Uint64): void {
  let high = 0
  let low = 0
  let place = 0
  if (length >= 32) {
    mergeStripes(bytes, length >>> 5, seedHigh, seedLow, out)
    high = out.high
    low = out.low
    place = length & ~31
  } else {
    low = (seedLow + P5_LOW) | 0
    high = (seedHigh + P5_HIGH + carry(low, P5_LOW)) | 0
  }
  low = (low + length) | 0
  high = (high + carry(low, length)) | 0

  let turned = 0
  for (; place + 8 <= length; place += 8) {
    const wordLow = read32(bytes, place)
    const wordHigh = read32(bytes, place + 4)
    // Round of an empty accumulator: rotl(word * P2, 31) * P1.
    const stirredHigh = multiplyHigh(wordHigh, wordLow, P2_HIGH, P2_LOW)
    const stirredLow = Math.imul(wordLow, P2_LOW)
    const rolledHigh = (stirredHigh << 31) | (stirredLow >>> 1)
    const rolledLow = (stirredLow << 31) | (stirredHigh >>> 1)
    high ^= multiplyHigh(rolledHigh, rolledLow, P1_HIGH, P1_LOW)
    low ^= Math.imul(rolledLow, P1_LOW)
    turned = (high << 27) | (low >>> 5)
    low = (low << 27) | (high >>> 5)
    high = multiplyHigh(turned, low, P1_HIGH, P1_LOW)
    low = Math.imul(low, P1_LOW)
    low = (low + P4_LOW) | 0
    high = (high + P4_HIGH + carry(low, P4_LOW)) | 0
  }
  if (place + 4 <= length) {
    const word = read32(bytes, place)
    high ^= multiplyHigh(0, word, P1_HIGH, P1_LOW)
    low ^= Math.imul(word, P1_LOW)
    turned = (high << 23) | (low >>> 9)
    low = (low << 23) | (high >>> 9)
    high = multiplyHigh(turned, low, P2_HIGH, P2_LOW)
    low = Math.imul(low, P2_LOW)
    low = (low + P3_LOW) | 0
    high = (high + P3_HIGH + carry(low, P3_LOW)) | 0
    place += 4
  }
  for (; place < length; place++) {
    const byte = bytes[place]!
    high ^= multiplyHigh(0, byte, P5_HIGH, P5_LOW)
    low ^= Math.imul(byte, P5_LOW)
    turned = (high << 11) | (low >>> 21)
    low = (low << 11) | (high >>> 21)
    high = multiplyHigh(turned, low, P1_HIGH, P1_LOW)
    low = Math.imul(low, P1_LOW)
  }

  // Avalanche: every bit of the input has its say in every bit of the hash.
  low ^= high >>> 1
  high = multiplyHigh(high, low, P2_HIGH, P2_LOW)
  low = Math.imul(low, P2_LOW)
  low ^= (low >>> 29) | (high << 3)
  high ^= high >>> 29
  high = multiplyHigh(high, low, P3_HIGH, P3_LOW)
  low = Math.imul(low, P3_LOW)
  out.high = high >>> 0
  out.low = (low ^ high) >>> 0
}

/** Inputs of 32 bytes and more: four lanes of every fourth word, one after the other, and then merged. */
function mergeStripes(bytes: Uint8Array, stripes: number, seedHigh: number, seedLow: number, out: Uint64): void {
  const lowBoth = (P1_LOW + P2_LOW) | 0
  const highBoth = (P1_HIGH + P2_HIGH + carry(lowBoth, P2_LOW)) | 0
  let low = (seedLow + lowBoth) | 0
  runLane(bytes, 0, stripes, (seedHigh + highBoth + carry(low, lowBoth)) | 0, low, out)
  const firstHigh = out.high
  const firstLow = out.low
  low = (seedLow + P2_LOW) | 0
  runLane(bytes, 8, stripes, (seedHigh + P2_HIGH + carry(low, P2_LOW)) | 0, low, out)
  const secondHigh = out.high
  const secondLow = out.low
  runLane(bytes, 16, stripes, seedHigh, seedLow, out)
  const thirdHigh = out.high
  const thirdLow = out.low
  low = (seedLow - P1_LOW) | 0
  runLane(bytes, 24, stripes, (seedHigh - P1_HIGH - carry(seedLow, P1_LOW)) | 0, low, out)
  const fourthHigh = out.high
  const fourthLow = out.low

  // rotl 1, 7, 12, 18, summed; in doubles, which hold four such halves exactly.
  const sum =
    (((firstLow << 1) | (firstHigh >>> 31)) >>> 0) +
    (((secondLow << 7) | (secondHigh >>> 25)) >>> 0) +
    (((thirdLow << 12) | (thirdHigh >>> 20)) >>> 0) +
    (((fourthLow << 18) | (fourthHigh >>> 14)) >>> 0)
  const high =
    ((firstHigh << 1) | (firstLow >>> 31)) +
    ((secondHigh << 7) | (secondLow >>> 25)) +
    ((thirdHigh << 12) | (thirdLow >>> 20)) +
    ((fourthHigh << 18) | (fourthLow >>> 14)) +
    Math.floor(sum / 2 ** 32)
  out.high = high >>> 0
  out.low = sum >>> 0
  mergeLane(firstHigh, firstLow, out)
  mergeLane(secondHigh, secondLow, out)
  mergeLane(thirdHigh, thirdLow, out)
  mergeLane(fourthHigh, fourthLow, out)
}

/** Takes in the word at `start` of every stripe: acc = rotl(acc + word * P2, 31) * P1. */
function runLane(bytes: Uint8Array, start: number, stripes: number, startHigh: number, startLow: number, out: Uint64): void {
  let high = startHigh
  let low = startLow
  for (let stripe = 0, place = start; stripe < stripes; stripe++, place += 32) {
    const wordLow = read32(bytes, place)
    const addend = Math.imul(wordLow, P2_LOW)
    low = (low + addend) | 0
    high = (high + multiplyHigh(read32(bytes, place + 4), wordLow, P2_HIGH, P2_LOW) + carry(low, addend)) | 0
    const turned = (high << 31) | (low >>> 1)
    low = (low << 31) | (high >>> 1)
    high = multiplyHigh(turned, low, P1_HIGH, P1_LOW)
    low = Math.imul(low, P1_LOW)
  }
  out.high = high >>> 0
  out.low = low >>> 0
}

/** acc = (acc ^ round(0, lane)) * P1 + P4 */
function mergeLane(laneHigh: number, laneLow: number, acc: Uint64): void {
  const stirredHigh = multiplyHigh(laneHigh, laneLow, P2_HIGH, P2_LOW)
  const stirredLow = Math.imul(laneLow, P2_LOW)
  const rolledHigh = (stirredHigh << 31) | (stirredLow >>> 1)
  const rolledLow = (stirredLow << 31) | (stirredHigh >>> 1)
  const high = acc.high ^ multiplyHigh(rolledHigh, rolledLow, P1_HIGH, P1_LOW)
  const low = acc.low ^ Math.imul(rolledLow, P1_LOW)
  const sum = (Math.imul(low, P1_LOW) + P4_LOW) | 0
  acc.high = (multiplyHigh(high, low, P1_HIGH, P1_LOW) + P4_HIGH + carry(sum, P4_LOW)) >>> 0
  acc.low = sum >>> 0
}

function read32(bytes: Uint8Array, place: number): number {
  return bytes[place]! | (bytes[place + 1]! << 8) | (bytes[place + 2]! << 16) | (bytes[place + 3]! << 24)
}
