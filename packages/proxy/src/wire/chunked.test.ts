import { describe, expect, it } from 'vitest'
import { ChunkedReader } from './chunked.ts'
import { chunkedLimits } from './messages.fixture.ts'

function read(reader: ChunkedReader, text: string) {
  const data: string[] = []
  const bytes = Buffer.from(text, 'latin1')
  const progress = reader.read(bytes, 0, bytes.length, (from, to) => data.push(bytes.toString('latin1', from, to)))
  return { progress, data }
}

describe('ChunkedReader', () => {
  it('refuses extensions that are small each, but too large together', () => {
    const reader = new ChunkedReader(chunkedLimits)
    const chunk = `1;${'a'.repeat(255)}\r\nx\r\n`
    expect(read(reader, chunk.repeat(4)).progress).toMatchObject({ kind: 'more' })
    expect(read(reader, chunk).progress).toMatchObject({ kind: 'refused', reason: 'chunk-extension' })
  })

  it('passes nothing of a piece that it refuses', () => {
    const reader = new ChunkedReader(chunkedLimits)
    expect(read(reader, '3\r\nabc\r\n0\n\n').progress).toEqual({
      kind: 'refused',
      status: 400,
      reason: 'chunk-size',
      because: 'the size of a chunk is no hexadecimal number',
    })
  })

  it('says where the data lies, over pieces', () => {
    const reader = new ChunkedReader(chunkedLimits)
    expect(read(reader, '3\r\nab')).toEqual({ progress: { kind: 'more', chunksEnd: 5 }, data: ['ab'] })
    expect(read(reader, 'c\r\n2')).toEqual({ progress: { kind: 'more', chunksEnd: 4 }, data: ['c'] })
    expect(read(reader, '\r\nde\r\n0\r\n\r\nGET')).toEqual({ progress: { kind: 'end', chunksEnd: 9, end: 11 }, data: ['de'] })
  })

  it('says where the trailers begin and end, so that they can be left out', () => {
    const reader = new ChunkedReader(chunkedLimits)
    expect(read(reader, '0\r\nX-Sum: 1\r\n\r\nnext').progress).toEqual({ kind: 'end', chunksEnd: 3, end: 15 })
  })

  it('says so too where they come in pieces', () => {
    const reader = new ChunkedReader(chunkedLimits)
    expect(read(reader, '1\r\nx\r\n0\r\nX-').progress).toEqual({ kind: 'more', chunksEnd: 9 })
    expect(read(reader, 'Sum: 1\r').progress).toEqual({ kind: 'more', chunksEnd: 0 })
    expect(read(reader, '\n\r\nnext').progress).toEqual({ kind: 'end', chunksEnd: 0, end: 3 })
  })

  it('takes a chunk as large as eight digits can say, without holding it', () => {
    const reader = new ChunkedReader(chunkedLimits)
    expect(read(reader, 'ffffffff\r\nabc').progress).toEqual({ kind: 'more', chunksEnd: 13 })
  })
})
