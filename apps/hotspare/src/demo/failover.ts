import { Resolver } from 'node:dns/promises'
import { sleep, systemClock } from '@hotspare/core'
import { TimelineFollower } from '../scenario/follower.ts'
import { summarizeLatency } from '../scenario/latency.ts'
import { Load } from '../scenario/load.ts'
import { countRetried, type Objective, type ScenarioReport } from '../scenario/report.ts'
import { runScenario, type Step, type StepReport } from '../scenario/scenario.ts'
import type { OriginProcess } from './origins.ts'
import { DEMO_ADDRESSES, DEMO_NAME, type Stack } from './stack.ts'

const RATE_PER_SECOND = 200
/** A user's patience. */
const REQUEST_TIMEOUT_MS = 10_000
/** How long anything may take to be noticed before the step counts as failed; what it took is in the report. */
const NOTICE_TIMEOUT_MS = 15_000
const BASELINE_MS = 3_000
const SETTLE_MS = 1_000

export interface FailoverOptions {
  readonly onStep?: ((title: string) => void) | undefined
  readonly onLoad?: ((load: Load) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Kills, freezes and drains the origins of the demo under load, and reports what users saw. */
export async function runFailover(stack: Stack, options: FailoverOptions = {}): Promise<ScenarioReport> {
  const { client, siteUrl, sinks } = stack
  const clock = systemClock
  const follower = new TimelineFollower({ clock })
  follower.follow(client)
  const load = new Load({ origin: siteUrl, paths: ['/', '/page'], ratePerSecond: RATE_PER_SECOND, timeoutMs: REQUEST_TIMEOUT_MS, clock })
  options.onLoad?.(load)
  load.start()
  let steps: StepReport[]
  try {
    steps = await runScenario({
      steps: failoverSteps(stack),
      load,
      follower,
      clock,
      baselineMs: BASELINE_MS,
      settleMs: SETTLE_MS,
      onStep: options.onStep,
      signal: options.signal,
    })
  } finally {
    await load.stop()
    // The timeline folds requests into lines of a second, and alerts may still be on their way.
    await sleep(SETTLE_MS + 500)
    await follower.stop()
  }
  const failures = [...new Set(load.samples.flatMap(({ failure }) => failure ?? []))]
  const total = summarizeLatency(load.samples, { fromMs: 0, toMs: Number.POSITIVE_INFINITY })
  const report = {
    load: { ratePerSecond: RATE_PER_SECOND, total, retried: countRetried(follower.entries), failures },
    steps,
    timeline: follower.entries,
    alerts: { mails: [...sinks.mails], webhooks: [...sinks.webhooks] },
  }
  return { ...report, objectives: objectivesOf(report) }
}

function failoverSteps({ origins, client, dnsServer }: Stack): Step[] {
  const resolver = new Resolver({ timeout: 1_000, tries: 2 })
  resolver.setServers([dnsServer])
  /** Whether the name answers with an origin, or not, as it should. */
  const answersWith = async (origin: OriginProcess | undefined, expected: boolean): Promise<string | undefined> => {
    const address = DEMO_ADDRESSES[origin?.name ?? ''] ?? ''
    const answers = await resolver.resolve4(DEMO_NAME)
    if (answers.includes(address) === expected) return undefined
    return `${DEMO_NAME} answers with ${answers.join(', ')}${expected ? ', and not with' : ', among them'} ${address}`
  }
  const taken: OriginProcess[] = []
  /** The origin with the most requests of those that nothing was done to yet. */
  const busiest = async (): Promise<OriginProcess> => {
    const { pools } = await client.status()
    const targets = pools.flatMap((pool) => pool.targets).toSorted((one, other) => other.picks - one.picks)
    const origin = targets
      .map(({ name }) => origins.find((candidate) => candidate.name === name))
      .find((candidate) => candidate && !taken.includes(candidate))
    if (!origin) throw new Error('no origin is left to disturb')
    taken.push(origin)
    return origin
  }
  return [
    {
      title: 'SIGKILL to the busiest origin',
      noticedBy: 'target-down',
      withinMs: NOTICE_TIMEOUT_MS,
      async act() {
        const origin = await busiest()
        origin.signal('SIGKILL')
        return targetId(origin)
      },
      verify: () => answersWith(taken[0], false),
    },
    {
      title: 'its return',
      noticedBy: 'target-up',
      withinMs: NOTICE_TIMEOUT_MS,
      async act() {
        await taken[0]?.start()
        return targetId(taken[0])
      },
      verify: () => answersWith(taken[0], true),
    },
    {
      title: 'SIGSTOP to the next one',
      noticedBy: 'target-down',
      withinMs: NOTICE_TIMEOUT_MS,
      async act() {
        const origin = await busiest()
        origin.signal('SIGSTOP')
        return targetId(origin)
      },
    },
    {
      title: 'its thaw',
      noticedBy: 'target-up',
      withinMs: NOTICE_TIMEOUT_MS,
      async act() {
        taken[1]?.signal('SIGCONT')
        return targetId(taken[1])
      },
    },
    {
      title: 'a drain of the third',
      noticedBy: 'target-drained',
      withinMs: NOTICE_TIMEOUT_MS,
      async act() {
        const origin = await busiest()
        await client.drain(targetId(origin))
        return targetId(origin)
      },
      async verify() {
        // By the origin's own count: nothing new may come in once the drain has settled.
        const origin = taken[2]
        const before = await origin?.served()
        await sleep(SETTLE_MS)
        const after = await origin?.served()
        if (before === undefined || after === undefined) return 'no origin was drained'
        const more = after - before
        return more === 0 ? undefined : `the drained origin got ${more} new requests`
      },
    },
    {
      title: 'the end of the drain',
      noticedBy: 'target-undrained',
      withinMs: NOTICE_TIMEOUT_MS,
      async act() {
        await client.undrain(targetId(taken[2]))
        return targetId(taken[2])
      },
    },
  ]
}

function targetId(origin: OriginProcess | undefined): string {
  return `shop/${origin?.name}`
}

function objectivesOf({ load, steps, alerts }: Omit<ScenarioReport, 'objectives'>): Objective[] {
  const noticed = steps.filter(({ noticedAfterMs }) => noticedAfterMs !== undefined).length
  const problems = steps.flatMap((step) => step.problems)
  return [
    { name: 'no GET failed', met: load.total.failed === 0 && load.total.sent > 0, seen: `${load.total.failed} of ${load.total.sent}` },
    { name: 'every disturbance was noticed', met: noticed === steps.length, seen: `${noticed} of ${steps.length}` },
    { name: 'nothing else went wrong', met: problems.length === 0, seen: problems.length === 0 ? 'nothing' : problems.join('; ') },
    arrivalsOf('the mail server', alerts.mails),
    arrivalsOf('the webhook', alerts.webhooks),
  ]
}

/** Two origins fail and come back: people hear of each once. */
function arrivalsOf(receiver: string, titles: readonly string[]): Objective {
  const downs = titles.filter((title) => title.includes('is down')).length
  const ups = titles.filter((title) => title.includes('is up again')).length
  return {
    name: `both failures and both returns reached ${receiver}`,
    met: downs === 2 && ups === 2,
    seen: `${downs} down, ${ups} up again`,
  }
}
