import { Writable } from 'node:stream'
import type { CommandContext } from './context.ts'

interface Output {
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean | undefined }
  readonly text: () => string
}

/** A stream that keeps what is written. */
export function outputOf(isTTY?: boolean): Output {
  let text = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  return { stream: Object.assign(stream, { isTTY }), text: () => text }
}

export interface TestContext extends CommandContext {
  readonly out: () => string
  readonly err: () => string
}

/** What a command may touch, with outputs that can be read. */
export function contextOf(changes: Partial<CommandContext> = {}): TestContext {
  const [stdout, stderr] = [outputOf(), outputOf()]
  return {
    env: {},
    hostname: 'host-1',
    version: '1.2.3',
    stdout: stdout.stream,
    stderr: stderr.stream,
    signal: new AbortController().signal,
    out: stdout.text,
    err: stderr.text,
    ...changes,
  }
}
