import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Makes a folder with these files. Readable for all: as root, nginx reads with the rights of nobody. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o755 })
  for (const [file, content] of Object.entries(files)) await writeFile(join(folder, file), content, { mode: 0o644 })
}
