const MASK = (1n << 64n) - 1n
const P1 = 0x9e3779b185ebca87n
const P2 = 0xc2b2ae3d27d4eb4fn
const P3 = 0x165667b19e3779f9n
const P4 = 0x85ebca77c2b2ae63n
const P5 = 0x27d4eb2f165667c5n

/** XXH64 in BigInt, written down as the specification reads: the outside measure for ours. */
export function referenceXxh64(bytes: Uint8Array, seed: bigint): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let place = 0
  let acc = (seed + P5) & MASK
  if (bytes.length >= 32) {
    const lanes = [seed + P1 + P2, seed + P2, seed, seed - P1].map((lane) => lane & MASK)
    for (; place + 32 <= bytes.length; place += 32) {
      for (const lane of lanes.keys()) lanes[lane] = round(lanes[lane]!, view.getBigUint64(place + lane * 8, true))
    }
    const [first, second, third, fourth] = lanes as [bigint, bigint, bigint, bigint]
    acc = (turn(first, 1n) + turn(second, 7n) + turn(third, 12n) + turn(fourth, 18n)) & MASK
    for (const lane of lanes) acc = ((acc ^ round(0n, lane)) * P1 + P4) & MASK
  }
  acc = (acc + BigInt(bytes.length)) & MASK
  for (; place + 8 <= bytes.length; place += 8) {
    acc = (turn(acc ^ round(0n, view.getBigUint64(place, true)), 27n) * P1 + P4) & MASK
  }
  if (place + 4 <= bytes.length) {
    acc = (turn(acc ^ ((BigInt(view.getUint32(place, true)) * P1) & MASK), 23n) * P2 + P3) & MASK
    place += 4
  }
  for (; place < bytes.length; place++) acc = (turn(acc ^ ((BigInt(bytes[place]!) * P5) & MASK), 11n) * P1) & MASK
  acc = ((acc ^ (acc >> 33n)) * P2) & MASK
  acc = ((acc ^ (acc >> 29n)) * P3) & MASK
  return acc ^ (acc >> 32n)
}

function round(acc: bigint, word: bigint): bigint {
  return (turn((acc + word * P2) & MASK, 31n) * P1) & MASK
}

function turn(value: bigint, by: bigint): bigint {
  return ((value << by) | (value >> (64n - by))) & MASK
}
