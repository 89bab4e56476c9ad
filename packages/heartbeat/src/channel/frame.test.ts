import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeFrame, type Frame, FRAME_HEAD_BYTES, parseFrame } from './frame.ts'
import { FrameDecoder } from './frame-decoder.ts'

const LIMIT = 4_096

const frames: readonly Frame[] = [
  { type: 'hello', node: 'a', session: '00112233', protocol: { current: 2, oldest: 1 }, fingerprint: 'f' },
  { type: 'refused', reason: 'garbage', detail: 'why' },
  { type: 'goodbye' },
  { type: 'request', id: 1, method: 'vote', remainingMs: 12.5, body: { deep: [1, 'ü', null] } },
  { type: 'cancel', id: 1 },
  { type: 'response', id: 1, body: false },
  { type: 'error', id: 1, reason: 'failed', message: 'no', retryable: true, code: 'HOTSPARE_X' },
  { type: 'ping' },
  { type: 'pong' },
]

const payload = (frame: Frame) => encodeFrame(frame).subarray(FRAME_HEAD_BYTES)

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = []
  let at = 0
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return [...chunks, bytes.subarray(at)]
}

describe('frames', () => {
  it.each([
    ['nothing', ''],
    ['no JSON', '{"type":"ping"'],
    ['JSON of another kind', '"ping"'],
    ['null', 'null'],
    ['no type', '{}'],
    ['an unknown type', '{"type":"shutdown"}'],
    ['a type of the prototype', '{"type":"constructor"}'],
    ['an id that is no number', '{"type":"cancel","id":"1"}'],
    ['an id of zero', '{"type":"cancel","id":0}'],
    ['an id beyond the safe integers', '{"type":"cancel","id":1e300}'],
    ['a negative deadline', '{"type":"request","id":1,"method":"m","remainingMs":-1}'],
    ['a method without a name', '{"type":"request","id":1,"method":"","remainingMs":1}'],
    ['a name that is too long', JSON.stringify({ ...frames[0], node: 'n'.repeat(64) })],
    ['a fingerprint that is too long', JSON.stringify({ ...frames[0], fingerprint: 'n'.repeat(129) })],
    ['a version that is none', '{"type":"hello","node":"a","session":"s","fingerprint":"","protocol":{"current":"1","oldest":1}}'],
  ])('are not taken from %s', (_, text) => {
    expect(parseFrame(Buffer.from(text))).toBeUndefined()
  })

  it('are not taken from broken UTF-8', () => {
    expect(parseFrame(Buffer.concat([Buffer.from('{"type":"ping","x":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]))).toBeUndefined()
  })

  it('are not taken from deep nesting either, and the parser survives it', () => {
    const depth = 100_000
    expect(parseFrame(Buffer.from('['.repeat(depth) + ']'.repeat(depth)))).toBeUndefined()
  })

  it.each(frames.map((frame) => [frame.type, frame] as const))('are read as they were written: %s', (_, frame) => {
    expect(parseFrame(payload(frame))).toEqual(frame)
  })

  it('may carry more than this version knows', () => {
    expect(parseFrame(Buffer.from('{"type":"ping","since":"version 9"}'))).toEqual({ type: 'ping' })
  })

  it('never throw, whatever the bytes', () => {
    const known = new Set([undefined, ...frames.map(({ type }) => type)])
    const isKnown = (bytes: Uint8Array): boolean => known.has(parseFrame(bytes)?.type)
    expect(() => fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), isKnown))).not.toThrow()
    expect(() => fc.assert(fc.property(fc.json(), (text) => isKnown(Buffer.from(text))))).not.toThrow()
  })
})

describe('the decoder', () => {
  it('refuses a length beyond the limit before it keeps a byte of it', () => {
    const decoder = new FrameDecoder(LIMIT)
    const head = Buffer.alloc(4)
    head.writeUInt32BE(LIMIT + 1)
    expect(decoder.push(head)).toEqual({ payloads: [], fault: 'a frame of 4097 bytes, the limit is 4096' })
    expect(decoder.push(payload({ type: 'ping' })).payloads).toEqual([])
  })

  it('refuses a frame of no bytes, which would never end', () => {
    expect(new FrameDecoder(LIMIT).push(Buffer.alloc(8)).fault).toBe('a frame of no bytes')
  })

  it('takes a frame of exactly the limit', () => {
    const head = Buffer.alloc(4)
    head.writeUInt32BE(LIMIT)
    const { payloads, fault } = new FrameDecoder(LIMIT).push(Buffer.concat([head, Buffer.alloc(LIMIT, 7)]))
    expect([payloads.length, payloads[0]?.length, fault]).toEqual([1, LIMIT, undefined])
  })

  it('gives the same frames however the stream is cut', () => {
    const stream = Buffer.concat(frames.map(encodeFrame))
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 }), (sizes) => {
        const decoder = new FrameDecoder(LIMIT)
        const decoded = cut(stream, sizes).flatMap((chunk) => decoder.push(chunk).payloads.map(parseFrame))
        expect(decoded).toEqual(frames)
      }),
    )
  })

  it('holds no more than the limit and never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 40 }), (chunks) => {
        const decoder = new FrameDecoder(64)
        for (const chunk of chunks) {
          for (const each of decoder.push(chunk).payloads) expect(each.length).toBeLessThanOrEqual(64)
        }
      }),
    )
  })
})
