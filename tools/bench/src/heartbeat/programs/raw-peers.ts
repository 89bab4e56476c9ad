// The peers of the floor.
import { sleep } from '@hotspare/core'
import { programArguments } from './arguments.ts'
import { startRawBeats } from './raw-beats.ts'

process.on('disconnect', () => process.exit())
const { intervalMs, nodePort, peerPorts } = programArguments()
for (const port of peerPorts) {
  await startRawBeats({ port, to: [nodePort], intervalMs, onPacket: () => {} })
  await sleep(intervalMs / peerPorts.length)
}
