import { type Mutations, type Schedule, shrink } from '@hotspare/failover/simulator'
import { kindOf, run } from './seeds.ts'

/** The smallest schedule that shows the same kind of fault as the first one that this shows. */
export async function shrinkRed(
  schedule: Schedule,
  options: { readonly mutations?: Mutations | undefined; readonly mostRuns?: number | undefined } = {},
): Promise<Schedule> {
  const { mutations, mostRuns } = options
  const [first] = (await run(schedule, mutations)).violations
  if (!first) return schedule
  const kind = kindOf(first.what, schedule)
  const isRed = async (smaller: Schedule) =>
    // What the engine refuses is no smaller schedule.
    run(smaller, mutations).then(
      ({ violations }) => violations.some(({ what }) => kindOf(what, smaller) === kind),
      () => false,
    )
  return shrink(schedule, isRed, { mostRuns })
}

/** How somebody sees it again. */
export function replayCommand(schedule: Schedule): string {
  return `npm run simulate -- --replay '${JSON.stringify(schedule)}'`
}
