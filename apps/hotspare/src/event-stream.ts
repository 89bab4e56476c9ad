import type { ServerResponse } from 'node:http'
import type { TimelineEntry } from '@hotspare/api'
import type { Clock } from '@hotspare/core'
import type { Redactor } from './config/redactor.ts'
import { redactedJson } from './redacted.ts'
import type { Timeline } from './timeline.ts'

/** A reader that is this far behind what happens now is cut off, and may come back with `after`. */
const MAX_BEHIND_ENTRIES = 1_000
/** Keeps streams open through proxies that end what is silent. */
const KEEP_ALIVE_MS = 15_000

export interface EventStreamOptions {
  readonly timeline: Timeline
  readonly redactor: Redactor
  readonly clock: Clock
  /** First repeats what came after that sequence; undefined: nothing. */
  readonly after: number | undefined
}

/** Sends the timeline as server-sent events, at the reader's pace, until one of the two ends it. */
export function streamEvents(raw: ServerResponse, { timeline, redactor, clock, after }: EventStreamOptions): void {
  // What waits are entries that the timeline holds as well, and not bytes: a reader that asks for a long history costs little.
  const missed = (after === undefined ? [] : timeline.entries({ after })).values()
  const waiting: TimelineEntry[] = []
  const send = () => {
    while (!raw.writableNeedDrain && !raw.writableEnded && !raw.destroyed) {
      const entry = missed.next().value ?? waiting.shift()
      if (!entry) return
      raw.write(`id: ${entry.sequence}\nevent: ${entry.type}\ndata: ${redactedJson(entry, redactor)}\n\n`)
    }
  }
  const unsubscribe = timeline.subscribe((entry) => {
    if (waiting.length >= MAX_BEHIND_ENTRIES) return void raw.destroy()
    waiting.push(entry)
    send()
  })
  const beat = () => {
    if (!raw.writableNeedDrain) raw.write(': still here\n\n')
    nextBeat = clock.schedule(KEEP_ALIVE_MS, beat)
  }
  let nextBeat = clock.schedule(KEEP_ALIVE_MS, beat)
  // A reader has nothing to say, so its silence is no sign; what is written to one that is gone ends the connection.
  raw.setTimeout(0)
  raw.on('drain', send)
  raw.on('error', () => raw.destroy())
  raw.once('close', () => {
    nextBeat.cancel()
    unsubscribe()
  })
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  })
  raw.write(': hotspare\n\n')
  send()
}
