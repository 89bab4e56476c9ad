import type { Causes } from './causes.ts'
import type { WatchGauges } from './metrics.ts'
import type { Watch } from './watch.ts'

/** What a scrape shows of everything that is watched. */
export function watchGauges({ monitor, standings, thresholds }: Watch, causes: Causes | undefined): WatchGauges {
  return {
    observerIsWell: () => monitor.observer.state === 'well',
    watched() {
      const results = new Map(monitor.list().map(({ id, lastResult }) => [id, lastResult]))
      return standings.list().map(({ subject, verdict, warning, weight }) => ({
        subject,
        state: verdict.state,
        isUnreachable: causes?.meaningOf(subject.id)?.state === 'unreachable',
        hasWarning: warning !== undefined,
        weight,
        last: results.get(subject.id),
        thresholds: thresholds.list(subject.id).map(({ threshold, state }) => ({ name: threshold, isExceeded: state === 'exceeded' })),
      }))
    },
  }
}
