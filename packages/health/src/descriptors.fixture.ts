// Uses up all file descriptors, then looks at a name; tells what it saw.
import { openSync } from 'node:fs'
import { devNull } from 'node:os'
import { tcpProbe } from './tcp.ts'

const probe = tcpProbe({ host: 'localhost', port: Number(process.argv[2]), timeoutMs: 15_000 })
try {
  for (;;) openSync(devNull, 'r')
} catch {
  console.log(JSON.stringify(await probe.run()))
}
