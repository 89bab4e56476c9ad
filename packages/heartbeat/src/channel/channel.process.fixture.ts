// A node in a process of its own, to be killed, stopped and restarted. Options come as JSON in the first argument.
import process from 'node:process'
import type { PeerChannelOptions } from '../channel.ts'
import { createPeerChannel } from '../channel.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as PeerChannelOptions
const channel = createPeerChannel({
  ...options,
  handlers: {
    echo: async (body) => body,
    'block-loop': async (body) => {
      const until = performance.now() + Number(body)
      while (performance.now() < until) {
        // Busy, as a loop with a bug is.
      }
    },
    'leave-abruptly': async () => process.kill(process.pid, 'SIGKILL'),
  },
})
channel.subscribe((event) => process.send?.(event))
process.on('message', (message) => {
  if (message !== 'stop') return
  void channel.stop().then(() => process.disconnect())
})
process.once('disconnect', () => process.exit(0))
await channel.start()
process.send?.({ type: 'ready' })
