import type { Bound } from './bound.ts'
import type { Failure } from './failure.ts'
import type { FailureRole } from './failures.ts'

/** For how long no client is served. */
export type Outage =
  | { readonly type: 'none'; readonly because: string }
  | ({ readonly type: 'bounded'; readonly because?: string | undefined } & Bound)
  /** Nothing of ours ends it. `after`: what it takes beyond that. */
  | { readonly type: 'until'; readonly until: string; readonly because: string; readonly after?: Bound | undefined }

/** Whether two nodes may have the service's address at one instant. */
export type TwoHolders =
  | { readonly type: 'never'; readonly because: string }
  | ({ readonly type: 'bounded'; readonly because: string } & Bound)
  /** For as long as the failure lasts, and `after` beyond it. */
  | { readonly type: 'until-mended'; readonly because: string; readonly after: Bound }

/** What one failure does to one service whose first member is active, by the file alone. Data. */
export interface Forecast {
  readonly service: string
  readonly failure: Failure
  readonly role: FailureRole
  /** Who may have it afterwards, the likeliest first; empty: it stays where it is. */
  readonly movesTo: readonly string[]
  /** Until somebody knows of it; undefined: nobody of ours notices, or has to. */
  readonly noticed: Bound | undefined
  readonly outage: Outage
  readonly twoHolders: TwoHolders
  /** What is left for people to do. */
  readonly people: string
}

/** What a forecast says of a failure, apart from which failure and which service it is. */
export type Outlook = Omit<Forecast, 'service' | 'failure' | 'role'>
