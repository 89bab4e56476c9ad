import type { Clock, Timer } from '@hotspare/core'

/** People do not notice it, and a thousand deaths of one moment cost one look at what leans on what, not a thousand. */
const GATHER_MS = 50

export interface LookQueue {
  /** Something has changed of it. */
  add(id: string, at: number): void
  /** Looks at what waits, and at nothing any more. */
  end(): void
}

/** Gathers what has changed, and looks at each once. */
export function createLookQueue(clock: Clock, look: (id: string, at: number) => void): LookQueue {
  const waiting = new Map<string, number>()
  let timer: Timer | undefined
  let ended = false

  function lookAtAll(): void {
    timer = undefined
    const changed = [...waiting]
    waiting.clear()
    for (const [id, at] of changed) look(id, at)
  }

  return {
    add(id, at) {
      if (ended) return
      waiting.set(id, at)
      timer ??= clock.schedule(GATHER_MS, lookAtAll)
    },
    end() {
      ended = true
      timer?.cancel()
      lookAtAll()
    },
  }
}
