import { errorText, type Logger } from '@hotspare/core'
import type { StaleAnswers } from './types.ts'

/** A store that throws has nothing and keeps nothing: no request is worse off for it. It is told of once. */
export function guardedStale(stale: StaleAnswers, logger: Logger): StaleAnswers {
  let told = false
  function guarded<Value>(call: () => Value): Value | undefined {
    try {
      return call()
    } catch (error) {
      if (!told) logger.error({ error: errorText(error) }, 'the store of kept answers failed; it is told of once')
      told = true
      return undefined
    }
  }
  return {
    offer(request, answer) {
      const keeper = guarded(() => stale.offer(request, answer))
      return keeper && { maxBytes: keeper.maxBytes, keep: (body) => guarded(() => keeper.keep(body)) }
    },
    find: (request) => guarded(() => stale.find(request)),
  }
}
