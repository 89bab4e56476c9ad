// The node under test as a user has it: a counter in a file, somebody who listens to the events, everything else by default.
import { join } from 'node:path'
import { systemClock } from '@hotspare/core'
import { createHeartbeat } from '@hotspare/heartbeat'
import { lateClock } from '../late-clock.ts'
import { programArguments } from './arguments.ts'
import { benchSecret, NODE, peerName } from './cluster.ts'
import { answerBench } from './messages.ts'

const { intervalMs, nodePort, peerPorts, folder } = programArguments()
const clock = lateClock(systemClock)
const heartbeat = createHeartbeat({
  node: NODE,
  listen: [`127.0.0.1:${nodePort}`],
  peers: peerPorts.map((port, index) => ({ name: peerName(index), paths: [{ address: `127.0.0.1:${port}` }] })),
  secrets: [benchSecret],
  intervalMs,
  counterFile: join(folder, 'counter'),
  clock,
})
let events = 0
heartbeat.subscribe(() => (events += 1))
answerBench(() => {
  const { beats, peers } = heartbeat.snapshot()
  const paths = peers.flatMap((peer) => peer.paths.map(({ counters }) => counters))
  return {
    alive: peers.filter(({ verdict }) => verdict.state === 'up').length,
    sent: paths.reduce((sum, { sent }) => sum + sent, 0),
    received: paths.reduce((sum, { received }) => sum + received, 0),
    skipped: beats.skipped,
    lateMs: clock.takeLateMs(),
  }
})
await heartbeat.start()
