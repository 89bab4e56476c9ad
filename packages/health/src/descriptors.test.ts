import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { lacksDescriptors } from './descriptors.ts'
import { loopbackServer } from './testing/index.ts'

const run = promisify(execFile)

describe.skipIf(process.platform === 'win32')('a process without a file descriptor left', () => {
  it('blames no name for it', async () => {
    // The resolver, which could not open a file, said that there was no such name, and the target had failed.
    await using server = await loopbackServer((socket) => socket.resume())
    const script = fileURLToPath(new URL('descriptors.fixture.ts', import.meta.url))
    const line = 'ulimit -n 128 && exec "$0" --conditions=@hotspare/source "$1" "$2"'
    const { stdout } = await run('sh', ['-c', line, process.execPath, script, String(server.port)])
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'inconclusive' })
  })

  it('is not what this one is', () => {
    expect(lacksDescriptors()).toBe(false)
  })
})
