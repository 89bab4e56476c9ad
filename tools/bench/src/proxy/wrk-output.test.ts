import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseWrkOutput } from './wrk-output.ts'

const LINE =
  'hotspare-bench requests=100 duration_us=2000000 bytes=32000 p50_us=410 p99_us=1200 connect=1 read=2 write=3 status=4 timeout=5'
const FIELDS = LINE.split(' ').slice(1)

describe('parseWrkOutput', () => {
  it.each([
    '',
    'hotspare-bench',
    'hotspare-bench ',
    'Requests/sec: 5000',
    `x ${LINE}`,
    LINE.replace('410', 'nan'),
    LINE.replace('410', '-1'),
    LINE.replace('410', '1.5'),
  ])('gives nothing for %j', (output) => {
    expect(parseWrkOutput(output)).toBeUndefined()
  })

  it.each(FIELDS)('gives nothing where %s is missing', (field) => {
    expect(parseWrkOutput(LINE.replace(` ${field}`, ''))).toBeUndefined()
  })

  it('reads the line behind what wrk prints for people, and sums the failures', () => {
    expect(parseWrkOutput(`Running 2s test @ http://127.0.0.1:1/\n  1 threads and 32 connections\n${LINE}\n`)).toEqual({
      requests: 100,
      durationMicros: 2_000_000,
      bytes: 32_000,
      p50Micros: 410,
      p99Micros: 1_200,
      failures: 15,
    })
  })

  it('takes the last line where a body that was printed holds another', () => {
    expect(parseWrkOutput(`${LINE.replace('=100', '=7')}\n${LINE}`)?.requests).toBe(100)
  })

  it('gives nothing or finite numbers, whatever comes', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom('hotspare-bench ', '\n', ' ', 'requests=', ...FIELDS))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const result = parseWrkOutput(pieces.join(''))
        const values = result === undefined ? [] : Object.values(result)
        expect(values.every((value) => Number.isFinite(value) && value >= 0)).toBe(true)
      }),
    )
  })

  it('reads back any numbers', () => {
    const count = fc.nat({ max: 1_000_000_000 })
    fc.assert(
      fc.property(fc.tuple(count, count, count, count, count, count), ([requests, duration, bytes, p50, p99, status]) => {
        const line = `hotspare-bench requests=${requests} duration_us=${duration} bytes=${bytes} p50_us=${p50} p99_us=${p99} connect=0 read=0 write=0 status=${status} timeout=0`
        expect(parseWrkOutput(line)).toEqual({
          requests,
          durationMicros: duration,
          bytes,
          p50Micros: p50,
          p99Micros: p99,
          failures: status,
        })
      }),
    )
  })
})
