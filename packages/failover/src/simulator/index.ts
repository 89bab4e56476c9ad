export { drawSchedule } from './draw.ts'
export type { DrawLimits } from './draw.ts'
export type {
  SimulatedDrivers,
  SimulatedHeartbeat,
  SimulatedHeartbeats,
  SimulatedLease,
  SimulatedLeaseParts,
  SimulatedLeases,
  SimulatedMoveParts,
  SimulatedProvider,
} from './drivers.ts'
export { ACTOR, ARBITER } from './fault.ts'
export type { Fault, FaultType, MachineFault, Moment, NetworkFault, OutsideFault, PeopleFault } from './fault.ts'
export type { Mutations } from './mutations.ts'
export { readSchedule } from './read-schedule.ts'
export { runSchedule } from './run.ts'
export type { Notice, PlanRun, Run, RunOptions, ServiceRun, Span, Violation } from './run.ts'
export type {
  AddressSpec,
  ClockSpec,
  FenceSpec,
  HeartbeatSpec,
  LookSpec,
  MovedSpec,
  NodeSpec,
  Schedule,
  ScriptSpec,
  ServiceSpec,
  SiteSpec,
  Some,
} from './schedule.ts'
export { shrink } from './shrink.ts'
export type { IsRed, ShrinkOptions } from './shrink.ts'
export { CLOCK_RATE_ERROR, heartbeatSpecDefaults, serviceSpecDefaults } from './site-defaults.ts'
export type { Way, Wire } from './wires.ts'
