import { randomUUID } from 'node:crypto'
import { open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { errorCode, HotspareError } from '@hotspare/core'
import { engineDefaults } from '../engines/defaults.ts'

/** @returns undefined where there is no such file */
export async function readUpstreamFile(file: string): Promise<string | undefined> {
  try {
    const { size } = await stat(file)
    if (size > engineDefaults.maxFileBytes)
      throw new HotspareError({ code: 'HOTSPARE_PROXY_ENGINE_FILE', message: `${file}: too large to be ours` })
    await using handle = await open(file, 'r')
    return await handle.readFile('utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Puts a whole file in place of another at once: who reads it, nginx or a crash, finds the old one or the new one. It
 * keeps the rights of the old one.
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  // Hidden, so that no `include *.conf` takes it.
  const draft = join(dirname(file), `.${basename(file)}.${randomUUID()}`)
  const mode = (await stat(file).catch(() => undefined))?.mode ?? 0o644
  try {
    await using handle = await open(draft, 'wx', mode & 0o777)
    await handle.writeFile(text)
    await handle.sync()
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

export async function putBack(file: string, text: string | undefined): Promise<void> {
  await (text === undefined ? rm(file, { force: true }) : replaceFile(file, text))
}
