import {
  arbiterDown,
  heavyLoad,
  killed,
  linkDown,
  oneWay,
  partitioned,
  paused,
  powerLoss,
  serviceKilled,
  stopped,
  switchover,
} from '../takeover/faults.ts'
import type { FailoverSystem, Fault } from '../takeover/scenario.ts'

/** A fault of the comparison. */
export interface ComparedFault {
  /** As it is named on the command line. */
  readonly id: string
  /** In the words of the table. */
  readonly title: string
  readonly fault: Fault
  /** Whether it means anything to a system: what has no arbiter cannot lose it. */
  readonly applies: (system: Pick<FailoverSystem, 'parts' | 'hasArbiter'>) => boolean
}

const always = () => true
const withArbiter: ComparedFault['applies'] = ({ hasArbiter }) => hasArbiter
const withParts: ComparedFault['applies'] = ({ parts }) => parts.includes('guard')

/** In the order of the table: what people ask for, what dies, what is cut, what is slow. */
export const comparedFaults: readonly ComparedFault[] = [
  { id: 'switchover', title: 'a planned switchover', fault: switchover, applies: always },
  { id: 'stopped', title: 'it is stopped in an orderly way', fault: stopped, applies: always },
  { id: 'service-killed', title: 'the service is killed', fault: serviceKilled, applies: always },
  { id: 'power-loss', title: 'the machine loses its power', fault: powerLoss, applies: always },
  { id: 'link-down', title: 'the cable of the machine is pulled', fault: linkDown, applies: always },
  { id: 'killed', title: 'all of its daemons are killed (`SIGKILL`)', fault: killed('all'), applies: always },
  { id: 'killed-guard', title: 'its main process is killed, and started again by systemd', fault: killed('guard'), applies: withParts },
  { id: 'killed-control', title: 'its control process is killed', fault: killed('control'), applies: withParts },
  { id: 'frozen-3s', title: 'all of its daemons stand still for 3 s', fault: paused('all', 3_000), applies: always },
  { id: 'frozen-100ms', title: 'all of its daemons stand still for 100 ms', fault: paused('all', 100), applies: always },
  { id: 'cut-peer', title: 'the nodes cannot hear each other', fault: partitioned('peer'), applies: always },
  { id: 'cut-arbiter', title: 'the active node cannot reach the arbiter', fault: partitioned('arbiter'), applies: withArbiter },
  { id: 'cut-both', title: 'it reaches neither the other node nor the arbiter', fault: partitioned('both'), applies: withArbiter },
  { id: 'one-way-out', title: 'what it sends to the other node is lost', fault: oneWay('to the peer'), applies: always },
  { id: 'one-way-in', title: 'what the other node sends it is lost', fault: oneWay('from the peer'), applies: always },
  { id: 'arbiter-down', title: 'the arbiter is down', fault: arbiterDown, applies: withArbiter },
  { id: 'load', title: 'every core burns for a minute', fault: heavyLoad(60_000), applies: always },
]
