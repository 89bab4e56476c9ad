/** What a daemon logged of an event; the fields that are asked for here. */
export interface Logged {
  readonly type: string
  /** Milliseconds since the Unix epoch. */
  readonly at: number
  readonly token?: number
  readonly step?: string
  readonly steps?: readonly string[]
  readonly because?: string
}

/** The events in a daemon's log, in the order in which they happened. */
export function eventsIn(log: string): readonly Logged[] {
  const events = log.split('\n').flatMap((line): readonly Logged[] => {
    try {
      const event = (JSON.parse(line) as { readonly event?: Partial<Logged> } | null)?.event
      return typeof event?.type === 'string' && typeof event.at === 'number' ? [event as Logged] : []
    } catch {
      // A line that is still being written, or what is no JSON.
      return []
    }
  })
  return events.toSorted((one, other) => one.at - other.at)
}

/** What is wrong with the tokens that were granted, in order: each has to be above all before it. */
export function tokenFaults(log: string): readonly string[] {
  const tokens = eventsIn(log).flatMap(({ type, token }) => (type === 'lease-granted' && token !== undefined ? [token] : []))
  return tokens.flatMap((token, index) => {
    const before = Math.max(...tokens.slice(0, index), 0)
    return token > before ? [] : [`token ${token} was granted after ${before}`]
  })
}

/**
 * What is wrong with the order of plans in the log of one daemon: one after the other, each with its steps as they were
 * announced; a plan that fails may end early.
 */
export function planFaults(log: string): readonly string[] {
  const faults: string[] = []
  let steps: readonly string[] | undefined
  let done: string[] = []
  for (const event of eventsIn(log)) {
    if (event.type === 'plan-started') {
      if (steps) faults.push('a plan began while another one ran')
      steps = event.steps ?? []
      done = []
    } else if (event.type === 'step-finished' && steps && event.step !== undefined) {
      if (steps[done.length] !== event.step) faults.push(`${event.step} came in place of ${steps[done.length]}`)
      done.push(event.step)
    } else if (event.type === 'plan-finished' || event.type === 'plan-failed') {
      if (event.type === 'plan-finished' && done.length !== steps?.length)
        faults.push(`done after ${done.length} of ${steps?.length} steps`)
      steps = undefined
    }
  }
  return faults
}
