import { open } from 'node:fs/promises'
import { systemDefaults } from './defaults.ts'

/**
 * Reads a file of the kernel: its size is only known at its end.
 *
 * @throws what Node reports
 */
export async function readKernelFile(path: string): Promise<string> {
  await using file = await open(path)
  const chunks: Buffer[] = []
  let bytes = 0
  while (bytes < systemDefaults.maxFileBytes) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(65_536), 0, 65_536)
    if (bytesRead === 0) break
    chunks.push(buffer.subarray(0, bytesRead))
    bytes += bytesRead
  }
  return Buffer.concat(chunks).toString('utf8')
}
