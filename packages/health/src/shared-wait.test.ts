import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { SharedWait } from './shared-wait.ts'

const reason = new Error('the deadline')

describe('a wait that many share', () => {
  it('keeps nobody who has given up', async () => {
    // Each run that a hanging disk had kept past its deadline stayed in memory until the disk answered.
    const shared = new SharedWait(new Promise<never>(() => {}))
    for (let run = 0; run < 100; run += 1) {
      const deadline = new AbortController()
      const waited = shared.wait(deadline.signal)
      expect(shared.waiting).toBe(1)
      deadline.abort(reason)
      await expect(waited).rejects.toBe(reason)
      expect(getEventListeners(deadline.signal, 'abort')).toHaveLength(0)
    }
    expect(shared.waiting).toBe(0)
    await expect(shared.wait(AbortSignal.abort(reason))).rejects.toBe(reason)
  })

  it('gives all who still wait, and all who come later, what the work came to', async () => {
    let resolve = (_text: string) => {}
    const shared = new SharedWait(new Promise<string>((done) => (resolve = done)))
    const { signal } = new AbortController()
    const waited = [shared.wait(signal), shared.wait(signal)]
    resolve('done')
    expect(await Promise.all(waited)).toEqual(['done', 'done'])
    expect(await shared.wait(signal)).toBe('done')
    expect(shared.waiting).toBe(0)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('passes on what the work threw', async () => {
    const shared = new SharedWait(Promise.reject(new Error('no such disk')))
    const { signal } = new AbortController()
    await expect(shared.wait(signal)).rejects.toThrow('no such disk')
    await expect(shared.wait(signal)).rejects.toThrow('no such disk')
  })
})
