// The floor: as many packets of the same size, at the same times, and nothing else.
import { systemClock } from '@hotspare/core'
import { lateClock } from '../late-clock.ts'
import { programArguments } from './arguments.ts'
import { answerBench } from './messages.ts'
import { startRawBeats } from './raw-beats.ts'

const { intervalMs, nodePort, peerPorts } = programArguments()
const clock = lateClock(systemClock)
const heard = new Set<number>()
let received = 0
const onPacket = (fromPort: number) => {
  received += 1
  heard.add(fromPort)
}
const sent = await startRawBeats({ port: nodePort, to: peerPorts, intervalMs, onPacket, clock })
answerBench(() => ({ alive: heard.size, sent: sent(), received, skipped: 0, lateMs: clock.takeLateMs() }))
