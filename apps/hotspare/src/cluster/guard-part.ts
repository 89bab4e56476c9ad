import { assertNever, errorText, HotspareError, type Timer } from '@hotspare/core'
import type { Config } from '../config/config.ts'
import type { ClusterPart, ClusterSurroundings as GuardSurroundings } from '../process/cluster-part.ts'
import type { Cluster, ClusterSurroundings } from './cluster.ts'
import { composeCluster } from './compose-cluster.ts'
import { departureOf, moveOf, overloadOf } from './departure.ts'
import type { ClusterEvent } from './events.ts'
import type { ClusterAnswer, ClusterOrder, ClusterQuestion } from './messages.ts'
import { liftWord, readWord, setWord } from './people-files.ts'
import { lookAtPromise, PROMISE_LOOK_MS } from './promise-watch.ts'
import { lookAtSites } from './sites/watch.ts'
import { warmUp } from './warm-up.ts'

/** How often control is told how the cluster stands. */
const VIEW_MS = 200
/** Control hears of what happens this much later: a takeover does not wait for the telling, nor share a processor with those who are told. */
const EVENTS_MS = 20
/** After the start, which is busy; and soon, since a node may be needed soon. */
const WARM_UP_MS = 500

/** The guard's end of the wire: runs the cluster, and answers control. */
export function openClusterPart(
  config: Config,
  surroundings: Omit<ClusterSurroundings, 'record' | 'votesCame'>,
  { tellControl: tell }: GuardSurroundings,
): ClusterPart | undefined {
  const { clock, logger } = surroundings
  const events: ClusterEvent[] = []
  let telling: Timer | undefined
  const tellEvents = () => {
    telling?.cancel()
    telling = undefined
    for (const event of events.splice(0)) tell({ type: 'event', event })
  }
  const record = (event: ClusterEvent) => {
    events.push(event)
    telling ??= clock.schedule(EVENTS_MS, tellEvents)
  }
  const votesCame = (observer: string, body: unknown) => tell({ type: 'votes', observer, body })
  const cluster = composeCluster(config, { ...surroundings, record, votesCame })
  if (!cluster) return undefined
  let timer: Timer | undefined
  let warming: Timer | undefined
  const ended = new AbortController()

  async function warm(): Promise<void> {
    try {
      logger.debug({ moves: await warmUp(clock, ended.signal) }, 'the takeover was run through in memory')
    } catch (error) {
      logger.warn(
        { error: errorText(error) },
        'the takeover could not be run through in memory: the first one takes some milliseconds more',
      )
    }
  }

  const tellView = () => {
    // In the order in which it came to be as it is.
    tellEvents()
    tell({ type: 'view', view: cluster.view() })
  }
  let isBroken = false
  let lookedMs = clock.monotonicMs()
  const lookAtHeartbeat = () => {
    const { heartbeat } = config.cluster ?? {}
    if (!heartbeat?.promise || clock.monotonicMs() - lookedMs < PROMISE_LOOK_MS) return
    lookedMs = clock.monotonicMs()
    const times = { intervalMs: heartbeat.intervalMs, timeoutMs: heartbeat.detector.timeoutMs, promise: heartbeat.promise }
    const event = lookAtPromise(
      isBroken,
      times,
      cluster.view().peers.map(({ beats }) => beats),
      clock.wallMs(),
    )
    if (!event) return
    isBroken = event.type === 'heartbeat-promise-broken'
    record(event)
  }
  let lost: ReadonlySet<string> = new Set()
  const watchSites = () => {
    const looked = lookAtSites(lost, cluster.sites(), clock.wallMs())
    lost = looked.lost
    for (const event of looked.events) record(event)
  }
  const repeat = () => {
    timer = clock.schedule(VIEW_MS, repeat)
    lookAtHeartbeat()
    watchSites()
    tellView()
  }

  const obey = (order: ClusterOrder): void => {
    switch (order.type) {
      case 'check':
        return cluster.failover.setCheck(order.service, order.verdict)
      case 'served':
        return cluster.failover.setServed(order.service, order.verdict)
      case 'votes':
        return cluster.votes?.tell(order.votes)
      case 'question':
        return void answerTo(config, cluster, order.question).then((answer) => {
          tellEvents()
          tell({ type: 'answer', id: order.id, answer })
        })
      default:
        return assertNever(order)
    }
  }

  return {
    async start() {
      await cluster.start()
      repeat()
      if (cluster.failover.snapshot().length > 0) warming = clock.schedule(WARM_UP_MS, () => void warm())
    },
    async stop() {
      warming?.cancel()
      ended.abort()
      await cluster.stop()
      timer?.cancel()
      tellView()
    },
    hear(order) {
      try {
        obey(order)
      } catch (error) {
        // Control may be wrong, and may be replaced; the guard holds what must not be lost.
        logger.error({ order: order.type, error: errorText(error) }, 'the guard cannot do what control says')
      }
    },
  }
}

/** Never rejects. */
async function answerTo(config: Config, cluster: Cluster, question: ClusterQuestion): Promise<ClusterAnswer> {
  const { failover, people, siteDesk } = cluster
  try {
    switch (question.type) {
      case 'command': {
        const { service, command, force } = question
        const objection = force ? undefined : overloadOf(moveOf(cluster.carriers(), service, command.to))
        if (objection !== undefined)
          return { type: 'command', result: { ok: false, because: `${objection}; it was not forced`, steps: [] } }
        return { type: 'command', result: await failover.command(service, command) }
      }
      case 'plan': {
        const { plan, because } = failover.plan(question.service, question.command)
        return { type: 'plan', plan, because, departure: moveOf(cluster.carriers(), question.service, plan?.to) }
      }
      case 'people': {
        const folder = config.cluster?.state ?? ''
        const before = await readWord(folder, question.word)
        const isWanted = question.word === 'maintenance' && question.because !== undefined && !question.force
        const objection = isWanted ? overloadOf(departureOf(cluster.carriers(), [config.node])) : undefined
        if (objection !== undefined)
          throw new HotspareError({
            code: 'HOTSPARE_APP_CAPACITY',
            message: `maintenance of ${config.node}: ${objection}; it was not forced`,
          })
        if (question.because === undefined) await liftWord(folder, question.word)
        else await setWord(folder, question.word, question.because)
        await people.read()
        return { type: 'people', was: before !== undefined }
      }
      case 'site':
        return { type: 'site', result: await siteDesk.say(question.site, question.because, { force: question.force }) }
      default:
        return assertNever(question)
    }
  } catch (error) {
    const { code, retryable } = HotspareError.is(error) ? error : { code: 'HOTSPARE_APP_CLUSTER' as const, retryable: false }
    return { type: 'failed', code, message: errorText(error), retryable }
  }
}
