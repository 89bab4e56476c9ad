// One node: heartbeats, and unless it is told otherwise a peer channel whose resets make a death known. It prints what
// happens, and its snapshot each second. `block N` on its input keeps its main loop busy for N ms.
import { createInterface } from 'node:readline'
import { systemClock } from '@hotspare/core'
import { createHeartbeat, type HeartbeatSettings } from '@hotspare/heartbeat'
import { createPeerChannel, type ChannelPeer } from '@hotspare/heartbeat/channel'
import { createHeartbeatProcess } from '@hotspare/heartbeat/process'

export interface NodeOptions {
  readonly settings: HeartbeatSettings
  /** Left out: no channel. */
  readonly channel?: { readonly host: string; readonly port: number; readonly peers: readonly ChannelPeer[] } | undefined
  readonly ownProcess?: boolean | undefined
}

const { settings, channel, ownProcess } = JSON.parse(process.argv[2] ?? '') as NodeOptions
const print = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`)

const heartbeat = ownProcess ? createHeartbeatProcess(settings) : createHeartbeat(settings)
heartbeat.subscribe(print)
await heartbeat.start()
if (channel) {
  const { host, port, peers } = channel
  const link = createPeerChannel({
    node: settings.node,
    session: heartbeat.session,
    listen: { host, port },
    peers,
    secrets: settings.secrets,
    fingerprint: 'lab',
  })
  link.subscribe((event) => {
    print(event)
    if (event.type === 'peer-process-gone') heartbeat.processGone(event.peer, event)
  })
  await link.start()
}
const tell = () => {
  print({ type: 'snapshot', snapshot: heartbeat.snapshot() })
  systemClock.schedule(1_000, tell)
}
tell()
for await (const line of createInterface({ input: process.stdin })) {
  const blockMs = Number(/^block (\d+)$/u.exec(line)?.[1])
  if (blockMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs)
}
