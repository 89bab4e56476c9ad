import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TestClock } from '@hotspare/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decode, readFileBounded, readText } from './read-file.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotspare-config-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function fileOf(content: string | Uint8Array): Promise<string> {
  const path = join(folder, 'file')
  await writeFile(path, content)
  return path
}

describe('reading a text file', () => {
  it('says what is wrong with a file that is missing, a folder, or below a file', async () => {
    const path = await fileOf('x')
    expect(await readText(readFileBounded, join(folder, 'nothing'), 10)).toEqual({ ok: false, reason: 'cannot be read: no such file' })
    expect(await readText(readFileBounded, folder, 10)).toEqual({ ok: false, reason: 'cannot be read: it is a folder' })
    expect(await readText(readFileBounded, join(path, 'below'), 10)).toEqual({ ok: false, reason: 'cannot be read: no such file' })
  })

  it('says so where permission is denied', async () => {
    const denied = () => Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' }))
    expect(await readText(denied, 'x', 10)).toEqual({ ok: false, reason: 'cannot be read: permission denied' })
  })

  it('ends at the limit, even where the file never ends', async () => {
    expect(await readText(readFileBounded, '/dev/zero', 65_536)).toEqual({ ok: false, reason: 'is larger than 64 KiB' })
    expect(await readText(readFileBounded, await fileOf('a'.repeat(1_025)), 1_024)).toEqual({ ok: false, reason: 'is larger than 1 KiB' })
    expect(await readText(readFileBounded, await fileOf('a'.repeat(1_024)), 1_024)).toEqual({ ok: true, text: 'a'.repeat(1_024) })
  })

  it('gives up on a file that does not answer, such as a pipe without a writer', async () => {
    const clock = new TestClock()
    const reading = readText(() => new Promise(() => {}), '/run/pipe', 10, { clock })
    await clock.advance(5_000)
    expect(await reading).toEqual({ ok: false, reason: 'cannot be read: no answer within 5 s' })
    expect(clock.pendingTimers).toBe(0)
  })

  it("passes the caller's own abort on", async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(readText(readFileBounded, '/dev/zero', 10, { signal })).rejects.toThrow('enough')
  })

  it('names the line and column of the first byte that is not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('node: web\nlog: é'), Buffer.from([0xe9]), Buffer.from('\n')])
    expect(decode(bytes)).toEqual({ ok: false, reason: 'is not UTF-8 text', at: { line: 2, column: 7 } })
    expect(decode(Buffer.from([0xc3]))).toEqual({ ok: false, reason: 'is not UTF-8 text', at: { line: 1, column: 1 } })
  })

  it('takes a byte order mark of UTF-8 off, and refuses UTF-16', () => {
    expect(decode(Buffer.from('\uFEFFnode: web'))).toEqual({ ok: true, text: 'node: web' })
    expect(decode(Buffer.from('\uFEFFnode: web', 'utf16le'))).toEqual({ ok: false, reason: 'is UTF-16, not UTF-8' })
  })

  it('keeps a character that only looks like a decoding error', () => {
    expect(decode(Buffer.from('a \uFFFD b'))).toEqual({ ok: true, text: 'a \uFFFD b' })
  })
})
