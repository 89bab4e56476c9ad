import { abortReason, type Clock, errorText, HotspareError, type Timer, timeoutError, withDeadline } from '@hotspare/core'
import { httpDefaults } from './defaults.ts'
import { registerError } from './errors.ts'

/** One question, to be answered by any of several endpoints. */
export interface Question<T> {
  readonly who: string
  readonly endpoints: readonly string[]
  /** Which of them is asked first. */
  readonly first: number
  /** For all of them together, in milliseconds. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
  /** Rejects with an error that is not retryable when no other endpoint needs to be asked. */
  readonly ask: (endpoint: string, signal: AbortSignal) => Promise<T>
}

export interface FirstAnswer<T> {
  readonly answer: T
  /** The endpoint that has answered. */
  readonly endpoint: number
  /** Whether it was asked more than once, so that the answer may already show the effect of another attempt. */
  readonly repeated: boolean
}

/**
 * Asks one endpoint after the other until one answers, and the first one once more: its connection may have died while it
 * was idle. The next is asked when one fails, or is silent for a third of the time; a silent one is not given up, so a
 * store that is slow everywhere still answers in time. The question must bear being asked twice.
 *
 * @throws HotspareError `HOTSPARE_LEASE_REGISTER` that names what each endpoint did; what `ask` throws when it is not
 * retryable; the signal's reason
 */
export async function firstAnswer<T>(question: Question<T>): Promise<FirstAnswer<T>> {
  const { who, endpoints, first, timeoutMs, clock, signal, ask } = question
  const order = [...endpoints.keys(), 0].map((offset) => (first + offset) % endpoints.length)
  const patienceMs = timeoutMs / Math.max(httpDefaults.hedges, endpoints.length)
  const settled = new AbortController()
  const silent = new Set<string>()
  const failures = new Map<string, string>()
  let timer: Timer | undefined

  const answered = (deadline: AbortSignal) =>
    new Promise<FirstAnswer<T>>((resolve, reject) => {
      const giveUp = AbortSignal.any([settled.signal, deadline])
      let asked = 0
      let waiting = 0
      const askNext = () => {
        timer?.cancel()
        const index = order[asked]
        const endpoint = index === undefined ? undefined : endpoints[index]
        if (index === undefined || endpoint === undefined || giveUp.aborted) return
        asked++
        waiting++
        silent.add(endpoint)
        timer = clock.schedule(patienceMs, askNext)
        ask(endpoint, giveUp).then(
          (answer) => resolve({ answer, endpoint: index, repeated: asked > 1 }),
          (error: unknown) => {
            waiting--
            silent.delete(endpoint)
            failures.set(endpoint, `${endpoint}: ${errorText(error)}`)
            if (HotspareError.is(error) && !error.retryable) return reject(error)
            if (waiting === 0 && asked === order.length) return reject(noAnswer(who, failures.values(), error))
            askNext()
          },
        )
      }
      askNext()
    })

  try {
    return await withDeadline(who, timeoutMs, answered, { signal, clock })
  } catch (error) {
    if (signal?.aborted) throw abortReason(signal)
    if (HotspareError.is(error) && error.code !== 'HOTSPARE_CORE_TIMEOUT') throw error
    for (const endpoint of silent) failures.set(endpoint, timeoutError(endpoint, Math.round(timeoutMs)).message)
    throw noAnswer(who, failures.values(), error)
  } finally {
    timer?.cancel()
    settled.abort()
  }
}

function noAnswer(who: string, failures: Iterable<string>, cause: unknown): HotspareError {
  const errors = [...failures].map((text) => new Error(text))
  return registerError(who, errors.length > 0 ? new AggregateError(errors, undefined, { cause }) : cause)
}
