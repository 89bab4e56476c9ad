import { errorText, HotspareError } from '@hotspare/core'
import { processDefaults } from '../../process/defaults.ts'
import type { ChildNews } from '../../process/messages.ts'
import { ownUsage } from '../../process/usage.ts'

/** Those with which an operator, a terminal or a supervisor ends us. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What a child does with what it is told. */
export interface ChildPart<Order> {
  /** Orders come in order; `socket` is a bound handle that came with one. */
  obey(order: Order, socket: object | undefined): Promise<void> | void
  /** The guard has died. */
  orphaned(): void
}

/** How a child speaks. What cannot be sent, because the guard is gone or does not read, is dropped. */
export function tellGuard(news: object): void {
  if (!process.connected || !process.send || unsent >= processDefaults.mostUnread) return
  unsent += 1
  process.send(news, undefined, undefined, () => void (unsent -= 1))
}

let unsent = 0

/** A last word, which may be a long one: resolves when it is on its way, or nobody is there to hear it. */
export function tellGuardAtTheEnd(news: object): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected && process.send) process.send(news, undefined, undefined, () => resolve())
    else resolve()
  })
}

/** Makes this process a child of the guard. */
export function runChild<Order>(part: ChildPart<Order>): void {
  // They go to the whole group of a terminal or a service: the guard decides what they mean.
  for (const signal of SIGNALS) process.on(signal, () => {})
  // What reads our output may be gone with the guard.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  process.on('message', (order: Order, socket: object | undefined) => void obey(part, order, socket))
  const timer = setInterval(tellAlive, processDefaults.aliveMs)
  tellAlive()
  const orphaned = () => {
    clearInterval(timer)
    part.orphaned()
  }
  process.on('disconnect', orphaned)
  // The guard may have ended before anybody listened.
  if (!process.connected) orphaned()
}

function tellAlive(): void {
  tellGuard({ type: 'alive', usage: ownUsage() } satisfies ChildNews)
}

/** A child that cannot do what it is told is of no use: it says why, and ends. */
async function obey<Order>(part: ChildPart<Order>, order: Order, socket: object | undefined): Promise<void> {
  try {
    await part.obey(order, socket)
  } catch (error) {
    const code = HotspareError.is(error) ? error.code : 'HOTSPARE_APP_PROCESS'
    const news: ChildNews = { type: 'failed', code, message: errorText(error) }
    if (process.send && process.connected) process.send(news, undefined, undefined, () => process.exit(1))
    else process.exit(1)
  }
}
