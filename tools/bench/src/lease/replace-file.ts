import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The least that makes a file's new content durable, or leaves the old one: write, sync, rename, sync the folder. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const handle = await open(`${file}.tmp`, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${file}.tmp`, file)
  const folder = await open(dirname(file), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
