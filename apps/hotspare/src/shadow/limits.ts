/** The bounds of a report. Each number with its reason. */
export const shadowLimits: Readonly<
  Record<
    | 'incidents'
    | 'events'
    | 'stretches'
    | 'tenures'
    | 'runs'
    | 'notes'
    | 'reportBytes'
    | 'settleMs'
    | 'writeEveryMs'
    | 'pauseMs'
    | 'momentMs',
    number
  >
> = Object.freeze({
  /** Of one router. Some seventy a day for a week: a router with more has one problem, and not many. */
  incidents: 500,
  /** Of one incident: what an incident needs is told in ten. */
  events: 60,
  /** Of a kind in one incident. */
  stretches: 50,
  /** Of one router. */
  tenures: 1_000,
  runs: 200,
  notes: 100,
  /** A full report of ten routers has some 20 MB. */
  reportBytes: 67_108_864,
  /** An incident is over when nothing has happened for so long: a router that comes back preempts within a few adverts. */
  settleMs: 10_000,
  writeEveryMs: 60_000,
  /** A look that comes so much later than the one before is a pause of this process. */
  pauseMs: 500,
  /** In which an old holder hears of the new one and lets go: how an address moves, and no fault yet. The lengths are told anyway. */
  momentMs: 250,
})
