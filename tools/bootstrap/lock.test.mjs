import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readLock, removeStale, withLock } from './lock.mjs'

describe('withLock', () => {
  let folder
  let file
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hotspare-lock-'))
    file = join(folder, 'setup.lock')
    vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  })
  afterEach(() => {
    vi.restoreAllMocks()
    rmSync(folder, { recursive: true, force: true })
  })

  it('lets one set-up wait for the other', async () => {
    const order = []
    const first = withLock(file, async () => {
      order.push('first begins')
      await new Promise((resolve) => setTimeout(resolve, 30))
      order.push('first ends')
    })
    const second = withLock(file, async () => void order.push('second'), { pollMs: 5 })
    await Promise.all([first, second])

    expect(order).toEqual(['first begins', 'first ends', 'second'])
    expect(existsSync(file)).toBe(false)
  })

  it('ignores the lock of a process that is dead', async () => {
    const { pid } = spawnSync(process.execPath, ['--version'])
    writeFileSync(file, String(pid))
    const action = vi.fn(async () => {})
    await withLock(file, action)

    expect(action).toHaveBeenCalledOnce()
  })

  // Once the second of two that had seen the same dead holder removed the new lock of the first.
  it('removes the lock of the dead process that was seen, and not a newer one', () => {
    writeFileSync(file, '4194304')
    const seen = readLock(file)
    rmSync(file)
    writeFileSync(file, String(process.pid))
    removeStale(file, seen)
    expect([readFileSync(file, 'utf8'), readdirSync(folder)]).toEqual([String(process.pid), ['setup.lock']])

    removeStale(file, readLock(file))
    expect(readdirSync(folder)).toEqual([])
    removeStale(file, seen)
    expect(readdirSync(folder)).toEqual([])
  })

  it('gives up on a process that does not end, and says which file to delete', async () => {
    writeFileSync(file, String(process.pid))
    const waiting = withLock(file, async () => {}, { pollMs: 1, patienceMs: 5 })

    await expect(waiting).rejects.toMatchObject({
      message: expect.stringContaining(String(process.pid)),
      hint: expect.stringContaining(file),
    })
    expect(existsSync(file)).toBe(true)
  })

  it('frees the lock when the set-up fails', async () => {
    await expect(
      withLock(file, async () => {
        throw new Error('broken')
      }),
    ).rejects.toThrow('broken')
    expect(existsSync(file)).toBe(false)
  })
})
