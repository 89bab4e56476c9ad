import { expect, it } from 'vitest'
import { findErrorCodes } from './error-codes.ts'

it('finds what can be thrown, and nothing else that looks like it', () => {
  const text = `
    if (error.code === 'HOTSPARE_A_COMPARED') retry()
    const other = { code: 'HOTSPARE_A_NOT_AN_ERROR' }
    throw new HotspareError({ code: 'HOTSPARE_A_FINAL', message: 'a' })
    throw new HotspareError({ code: busy ? 'HOTSPARE_A_ONE' : 'HOTSPARE_A_TWO', message: 'b', retryable: true })
    throw new HotspareError({ code: 'HOTSPARE_A_FINAL', message, retryable: status >= 500 })
  `
  expect(findErrorCodes([{ path: 'packages/a/src/x.ts', text }])).toEqual([
    { code: 'HOTSPARE_A_FINAL', packages: ['@hotspare/a'], retryable: 'sometimes' },
    { code: 'HOTSPARE_A_ONE', packages: ['@hotspare/a'], retryable: 'yes' },
    { code: 'HOTSPARE_A_TWO', packages: ['@hotspare/a'], retryable: 'yes' },
  ])
})

it('names every place that throws it', () => {
  const text = `export const error = new HotspareError({ code: 'HOTSPARE_A', message: 'a' })`
  const files = [
    { path: 'apps/hotspare/src/x.ts', text },
    { path: 'packages/a/src/x.ts', text },
  ]
  expect(findErrorCodes(files)).toEqual([{ code: 'HOTSPARE_A', packages: ['hotspare', '@hotspare/a'], retryable: 'no' }])
})

it('finds what is put into an error by a function that makes one, and no other texts', () => {
  const text = `
    assertError('HOTSPARE_A_ALONE')
    compare('HOTSPARE_A_COMPARED', message)
    throw dnsError('HOTSPARE_A_FINAL', message)
    throw dnsError('HOTSPARE_A_LATER', message, { retryable: true, cause })
    throw dnsError(code, message, { retryable: true })
  `
  expect(findErrorCodes([{ path: 'packages/a/src/x.ts', text }])).toEqual([
    { code: 'HOTSPARE_A_FINAL', packages: ['@hotspare/a'], retryable: 'no' },
    { code: 'HOTSPARE_A_LATER', packages: ['@hotspare/a'], retryable: 'yes' },
  ])
})
