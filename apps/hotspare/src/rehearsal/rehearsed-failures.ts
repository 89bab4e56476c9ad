import type { Failure } from '../matrix/failure.ts'
import { ARBITER, type Stage } from './stage.ts'

/** A failure of `check --matrix` that namespaces can bring about, for the active node and another one. */
export type RehearsedKind = Extract<
  Failure['kind'],
  | 'service-dead'
  | 'control-killed'
  | 'guard-killed'
  | 'hotspare-dead'
  | 'power'
  | 'isolated'
  | 'peers-cut'
  | 'arbiter-cut'
  | 'link-cut'
  | 'arbiter-dead'
>

/** In the order in which they are rehearsed. Not among them: a machine that freezes as a whole, a disk that hangs, an arbiter that is slow. */
export const rehearsedKinds: readonly RehearsedKind[] = [
  'service-dead',
  'control-killed',
  'guard-killed',
  'hotspare-dead',
  'power',
  'isolated',
  'peers-cut',
  'arbiter-cut',
  'link-cut',
  'arbiter-dead',
]

/** What happens, and what makes it good again. */
export interface RehearsedFailure {
  strike(stage: Stage, active: string): void
  mend(stage: Stage, active: string): Promise<void>
}

const mendNetwork = async (stage: Stage) => stage.mendNetwork()

/** By kind; each strikes the node that is active. */
export const rehearsedFailures: Readonly<Record<RehearsedKind, RehearsedFailure>> = {
  'service-dead': {
    strike: (stage, active) => stage.killService(active),
    mend: (stage, active) => stage.startService(active),
  },
  'control-killed': {
    strike: (stage, active) => stage.kill(active, 'control'),
    // Its guard starts it again.
    mend: async () => {},
  },
  'guard-killed': {
    // The init system of a real node starts it again.
    strike(stage, active) {
      stage.kill(active, 'guard')
      stage.startAgainSoon(active)
    },
    mend: async () => {},
  },
  'hotspare-dead': {
    strike: (stage, active) => stage.kill(active, 'all'),
    mend: (stage, active) => stage.startNode(active),
  },
  power: {
    strike: (stage, active) => stage.machine(active).powerOff(),
    mend: (stage, active) => stage.powerOn(active),
  },
  isolated: {
    strike: (stage, active) => stage.machine(active).unplug(),
    mend: async (stage, active) => stage.machine(active).plug(),
  },
  'peers-cut': {
    strike(stage, active) {
      for (const other of stage.others(active)) stage.cut(active, other)
    },
    mend: mendNetwork,
  },
  'arbiter-cut': {
    strike: (stage, active) => stage.cut(active, ARBITER),
    mend: mendNetwork,
  },
  'link-cut': {
    strike: (stage, active) => stage.cut(active, stage.nextMember(active)),
    mend: mendNetwork,
  },
  'arbiter-dead': {
    strike: (stage) => stage.machine(ARBITER).unplug(),
    mend: async (stage) => stage.machine(ARBITER).plug(),
  },
}
