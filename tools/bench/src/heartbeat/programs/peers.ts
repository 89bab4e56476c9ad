// All peers of the node under test, each a heartbeat of its own; they know the node, and not each other.
import { sleep } from '@hotspare/core'
import { createHeartbeat } from '@hotspare/heartbeat'
import { programArguments } from './arguments.ts'
import { benchSecret, NODE, peerName } from './cluster.ts'

process.on('disconnect', () => process.exit())
const { intervalMs, nodePort, peerPorts } = programArguments()
for (const [index, port] of peerPorts.entries()) {
  const heartbeat = createHeartbeat({
    node: peerName(index),
    listen: [`127.0.0.1:${port}`],
    peers: [{ name: NODE, paths: [{ address: `127.0.0.1:${nodePort}` }] }],
    secrets: [benchSecret],
    intervalMs,
  })
  await heartbeat.start()
  // Machines do not start together: their beats come spread over the interval.
  await sleep(intervalMs / peerPorts.length)
}
