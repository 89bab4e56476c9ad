import type { Deadlines } from '../deadlines.ts'
import type { ProxySettings } from '../options.ts'
import type { RecordContext } from '../request-record.ts'
import type { ErrorPages, StaleAnswers } from '../types.ts'
import type { HttpDate } from './http-date.ts'
import type { ChunkedLimits, HeadLimits } from './limits.ts'
import { RequestHeadReader } from './request-head.ts'
import { ResponseHeadReader } from './response-head.ts'
import { Spares } from './spares.ts'
import type { Targets } from './targets.ts'

/** What the engine is given. */
export interface EngineContext extends RecordContext {
  /** Whether the proxy is stopping: every answer is then the last one of its connection. */
  readonly draining: () => boolean
  readonly errorPages?: ErrorPages | undefined
  readonly stale?: StaleAnswers | undefined
}

/** What the connections to all targets share. */
export interface TargetContext {
  readonly settings: ProxySettings
  readonly deadlines: Deadlines
  readonly chunkedLimits: ChunkedLimits
  readonly responseReaders: Spares<ResponseHeadReader>
}

/** What all requests of one proxy share. */
export interface WireContext extends EngineContext, TargetContext {
  readonly targets: Targets
  readonly requestReaders: Spares<RequestHeadReader>
  readonly date: HttpDate
  /** A request has begun. @returns whether there may be that many */
  readonly begun: () => boolean
  readonly finished: () => void
}

/** As HAProxy's `tune.http.maxhdr`, nearly. */
const MOST_FIELDS = 100

/** Nobody is known to use extensions, and trailers are dropped. */
export const chunkedLimits: ChunkedLimits = Object.freeze({ maxExtensionBytes: 1_024, maxTrailerBytes: 4_096, maxTrailers: 32 })

export function requestReaders({ maxHeaderBytes }: ProxySettings): Spares<RequestHeadReader> {
  const limits: HeadLimits = { maxHeaderBytes, maxFields: MOST_FIELDS }
  return new Spares(() => new RequestHeadReader(limits))
}

export function responseReaders({ maxHeaderBytes }: ProxySettings): Spares<ResponseHeadReader> {
  const limits: HeadLimits = { maxHeaderBytes, maxFields: MOST_FIELDS }
  return new Spares(() => new ResponseHeadReader(limits))
}
