import { setTimeout as sleep } from 'node:timers/promises'
import { httpProbe } from './http.ts'
import { createHealthMonitor } from './monitor.ts'

// A monitor in a process of its own, for a test that stops it: it looks at as many targets as it is told on one port,
// and writes what changes, one JSON a line. A line on its standard input blocks its event loop for so many milliseconds.

const [port = '0', targets = '0', fall = '1'] = process.argv.slice(2)
const write = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

const monitor = createHealthMonitor({ maxConcurrentProbes: 200 })
monitor.subscribe((event) => {
  if (event.type !== 'probe-finished') write(event)
})
for (let index = 0; index < Number(targets); index++) {
  monitor.add({
    id: `target-${index}`,
    probe: httpProbe({ url: `http://127.0.0.1:${port}/`, timeoutMs: 1_000 }),
    intervalMs: 1_000,
    fall: Number(fall),
  })
}
process.stdin.on('data', (chunk: Buffer) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(chunk.toString()))
  write({ type: 'blocked' })
})
process.stdin.on('end', () => void monitor.stop())
await monitor.start()
while (!monitor.allKnown()) await sleep(50)
write({ type: 'ready' })
