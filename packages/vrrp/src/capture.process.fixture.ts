import { systemClock } from '@hotspare/core'
import { createCapture } from './capture.ts'
import { routerFilter } from './capture/filter.ts'
import { openPacketSocket } from './capture/packet-socket.ts'
import { bytesOf } from './frames.fixture.ts'

/** Captures on `eth0`, does what it is told, and prints what it hears. */
type Order = { readonly send: string } | { readonly ask: string } | { readonly sleep: number }

const orders = JSON.parse(process.argv[2] ?? '[]') as readonly Order[]
const print = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`)
const capture = createCapture({
  interface: 'eth0',
  addresses: ['10.78.0.100', 'fd78::100'],
  onHeard: ({ heard, atMs }) => {
    print({ ...(heard.type === 'advert' ? heard.advert : heard), type: heard.type, atMs })
    throw new Error('which must not end the capture')
  },
})
try {
  await capture.start()
  const sender = await openPacketSocket(await linkIndex(), routerFilter([], 0), 4_096)
  for (const order of orders) {
    if ('send' in order) sender.send(bytesOf(order.send))
    else if ('ask' in order) capture.ask(order.ask)
    else await new Promise<void>((resolve) => systemClock.schedule(order.sleep, resolve))
  }
  sender.close()
  await capture.stop()
} catch (error) {
  const { code, message } = error as { readonly code: string; readonly message: string }
  print({ code, message })
}

async function linkIndex(): Promise<number> {
  const { readFile } = await import('node:fs/promises')
  return Number(await readFile('/sys/class/net/eth0/ifindex', 'utf8'))
}
