import { errorText } from './errors.ts'
import { type Logger, silentLogger } from './logger.ts'

/** Events are data: a literal `type` (noun, then verb) and the time. */
export interface EventBase {
  readonly type: string
  /** Milliseconds since the Unix epoch. */
  readonly at: number
}

export type Listener<Event> = (event: Event) => void

/** Where a package's events come out. */
export interface EventSource<Event extends EventBase> {
  /** @returns a function that takes the listener off again */
  subscribe(listener: Listener<Event>): () => void
}

/**
 * Hands each event to every listener, in order of subscription. A listener that throws, or returns a promise that
 * rejects, is logged and stops neither the others nor the caller. One that is added during an event waits for the next.
 */
export class Emitter<Event extends EventBase> implements EventSource<Event> {
  readonly #listeners = new Set<Listener<Event>>()
  readonly #logger: Logger

  constructor(options: { readonly logger?: Logger | undefined } = {}) {
    this.#logger = options.logger ?? silentLogger
  }

  subscribe(listener: Listener<Event>): () => void {
    // A wrapper, so that one function subscribed twice is two subscriptions.
    const own: Listener<Event> = (event) => listener(event)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  emit(event: Event): void {
    // A copy, because a listener that subscribes anew would otherwise be called for this event again and again.
    const listeners = [...this.#listeners]
    for (const listener of listeners) {
      if (!this.#listeners.has(listener)) continue
      try {
        // An async function passes for a listener; left alone, its rejection would end the process.
        const returned: unknown = listener(event)
        if (returned instanceof Promise) returned.catch((error: unknown) => this.#logFailure(event, error))
      } catch (error) {
        this.#logFailure(event, error)
      }
    }
  }

  #logFailure(event: Event, error: unknown): void {
    this.#logger.error({ eventType: event.type, error: errorText(error) }, 'an event listener threw')
  }
}
