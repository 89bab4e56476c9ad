// A program with a heartbeat process: `node parent.process.fixture.ts '<settings>'`. It prints the process's id when that
// beats, and stays.
import type { HeartbeatSettings } from '../options.ts'
import { createHeartbeatProcess } from '../process.ts'

const heartbeat = createHeartbeatProcess(JSON.parse(process.argv[2] ?? '') as HeartbeatSettings)
await heartbeat.start()
process.stdout.write(`${heartbeat.pid}\n`)
