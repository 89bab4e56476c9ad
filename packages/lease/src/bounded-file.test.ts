import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readBoundedFile } from './bounded-file.ts'

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-bounded-file-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

// Each read kept a thread for good, and after four of them no file of the process could be read any more.
it('a pipe that nobody writes to is empty, however often it is read', async () => {
  const pipe = join(temporaryFolder(), 'pipe')
  execFileSync('mkfifo', [pipe])
  const texts = await Promise.all(Array.from({ length: 8 }, () => readBoundedFile(pipe, 100)))
  expect(new Set(texts)).toEqual(new Set(['']))
})

it('reads as far as it is told', async () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, 'abcdef')
  await expect(readBoundedFile(file, 3)).resolves.toBe('abc')
  await expect(readBoundedFile(`${file}.not`, 3)).rejects.toMatchObject({ code: 'ENOENT' })
})
