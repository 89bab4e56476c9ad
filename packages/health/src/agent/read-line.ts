import type { Socket } from 'node:net'

/** How reading a line ended. */
export type LineEnd =
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'too-long' }
  | { readonly kind: 'closed'; readonly bytes: number }
  | { readonly kind: 'broken'; readonly error: unknown }

/** Reads up to the first `\r` or `\n`, and no more than `maxBytes`. Never rejects. */
export function readLine(socket: Socket, maxBytes: number): Promise<LineEnd> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    socket.on('data', (chunk: Buffer) => {
      const at = chunk.findIndex((byte) => byte === 0x0a || byte === 0x0d)
      const part = at === -1 ? chunk : chunk.subarray(0, at)
      bytes += part.length
      if (bytes > maxBytes) return resolve({ kind: 'too-long' })
      chunks.push(part)
      if (at !== -1) resolve({ kind: 'line', line: Buffer.concat(chunks).toString('latin1') })
    })
    socket.on('error', (error) => resolve({ kind: 'broken', error }))
    socket.on('end', () => resolve({ kind: 'closed', bytes }))
    socket.on('close', () => resolve({ kind: 'closed', bytes }))
  })
}
