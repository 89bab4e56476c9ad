import { createHash } from 'node:crypto'
import { assert, property, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'
import { md5Words } from './md5.ts'

function nodeWords(input: Uint8Array): number[] {
  const digest = createHash('md5').update(input).digest()
  return [0, 4, 8, 12].map((place) => digest.readUInt32LE(place))
}

test('every length around the ends of blocks digests as in node:crypto', () => {
  for (let length = 0; length <= 200; length++) {
    const input = new Uint8Array(length).map((_, place) => place * 7)
    expect([...md5Words(input)]).toEqual(nodeWords(input))
  }
})

test('any bytes digest as in node:crypto', () => {
  assert(
    property(uint8Array({ maxLength: 300 }), (input) => {
      expect([...md5Words(input)]).toEqual(nodeWords(input))
    }),
  )
})
