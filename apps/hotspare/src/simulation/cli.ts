import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { errorText, systemClock } from '@hotspare/core'
import { readSchedule, runSchedule, type Schedule } from '@hotspare/failover/simulator'
import { Command, InvalidArgumentError } from 'commander'
import { simulatedDrivers } from './drivers.ts'
import { longRun } from './long-run.ts'
import { scheduleOf } from './seeds.ts'
import { replayCommand, shrinkRed } from './shrink-red.ts'

// The long run of the simulator: `npm run simulate -- --seeds 100000`, and what it prints: `npm run simulate -- --replay ...`.

interface Options {
  readonly seeds: number
  readonly from: number
  readonly workers: number
  readonly arbiter: boolean
  readonly replay?: string
  readonly seed?: number
}

const PROGRESS_MS = 10_000

function whole(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('expected a whole number.')
  return value
}

/** @param json a file's name, or the schedule itself */
async function scheduleFrom(json: string): Promise<Schedule> {
  return readSchedule(JSON.parse(json.trimStart().startsWith('{') ? json : await readFile(json, 'utf8')))
}

/** Prints all that happens. @returns whether all was well */
async function replay(schedule: Schedule): Promise<boolean> {
  const { violations, services, digest } = await runSchedule(schedule, {
    drivers: simulatedDrivers,
    trace: (line) => console.log(line),
  })
  for (const [name, { unserved, twoHolders }] of Object.entries(services))
    console.log(`${name}: unserved ${spans(unserved)}; two holders ${spans(twoHolders)}`)
  for (const { atMs, what } of violations) console.log(`RED at ${atMs.toFixed(1)} ms: ${what}`)
  console.log(`${violations.length === 0 ? 'green' : 'red'}, digest ${digest}`)
  return violations.length === 0
}

function spans(of: readonly { readonly fromMs: number; readonly untilMs: number }[]): string {
  return of.map(({ fromMs, untilMs }) => `${fromMs.toFixed(1)}-${untilMs.toFixed(1)}`).join(', ') || 'never'
}

/** @returns whether all was well */
async function search({ seeds, from, workers, arbiter }: Options): Promise<boolean> {
  const beganMs = systemClock.monotonicMs()
  const said = { atMs: beganMs }
  const red = await longRun({
    from,
    seeds,
    workers: Math.max(1, Math.min(workers, seeds)),
    arbiter,
    onProgress: (progress) => {
      const nowMs = systemClock.monotonicMs()
      if (nowMs - said.atMs < PROGRESS_MS && progress.seeds < seeds) return
      said.atMs = nowMs
      const rate = (progress.seeds / (nowMs - beganMs)) * 1_000
      console.error(`${progress.seeds} of ${seeds} seeds, ${progress.plans} plans, ${rate.toFixed(1)} seeds a second`)
    },
  })
  if (!red) {
    console.log(`${seeds} seeds from ${from} on: nothing happened that must not`)
    return true
  }
  console.log(`seed ${red.seed}: ${red.violations.join('; ')}`)
  console.error('making it smaller ...')
  const smallest = await shrinkRed(scheduleOf(red.seed, { arbiter }))
  console.log(`${JSON.stringify(smallest, undefined, 2)}\n${replayCommand(smallest)}`)
  return false
}

const program = new Command('simulate')
  .description('Runs the failover engine in virtual time through schedules of faults, and says what happened that must not.')
  .option('--seeds <count>', 'how many schedules are drawn and run', whole, 2_000)
  .option('--from <seed>', 'the first of them', whole, 1)
  .option('--workers <count>', 'threads', whole, availableParallelism())
  .option('--no-arbiter', 'sites without an arbiter')
  .option('--seed <seed>', 'run one, and print all that happens in it', whole)
  .option('--replay <schedule>', 'run a schedule, a file or JSON, and print all that happens in it')

try {
  const options = program.parse().opts<Options>()
  const one =
    options.replay !== undefined
      ? await scheduleFrom(options.replay)
      : options.seed !== undefined
        ? scheduleOf(options.seed, options)
        : undefined
  process.exitCode = (await (one ? replay(one) : search(options))) ? 0 : 1
} catch (error) {
  console.error(`simulate: ${errorText(error)}`)
  process.exitCode = 2
}
