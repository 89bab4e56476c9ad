// Looks every few milliseconds whether its machine has an address, by the kernel's own table of routes (no child process),
// and accepts connections on a port that lives as long as the machine does, whatever happens to the service.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { systemClock } from '@hotspare/core'
import { createRecorder, sharedMs } from '@hotspare/netlab'
import { hasLocalAddress, type HeldChange } from './address-log.ts'

export interface WatchOptions {
  readonly address: string
  readonly everyMs: number
  /** Accepts connections here. */
  readonly port: number
  /** Changes are recorded here. */
  readonly file: string
}

const { address, everyMs, port, file } = JSON.parse(process.argv[2] ?? '') as WatchOptions
const write = createRecorder(file)
const bornMs = sharedMs()
let held: boolean | undefined
let slot = 0

function look(): void {
  const now = hasLocalAddress(readFileSync('/proc/self/net/fib_trie', 'latin1'), address)
  if (now !== held) {
    const change: HeldChange = { atMs: sharedMs(), held: now }
    write(change)
  }
  held = now
  slot = Math.max(slot + 1, Math.ceil((sharedMs() - bornMs) / everyMs))
  systemClock.schedule(Math.max(0, bornMs + slot * everyMs - sharedMs()), look)
}

const server = createServer((socket) => {
  socket.on('error', () => {})
  socket.end()
})
server.listen(port, '0.0.0.0', () => {
  look()
  process.stdout.write('ready\n')
})
