import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/**
 * Reads the beginning of a small file, as far as `maxBytes`: a path that leads to a device never ends.
 *
 * @throws what the system says
 */
export async function readBoundedFile(path: string, maxBytes: number): Promise<string> {
  // A pipe that nobody writes to would keep one of the few threads for files, each time, until none is left.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(maxBytes) })
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}
