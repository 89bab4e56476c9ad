export type {
  SimulatedDrivers,
  SimulatedHeartbeat,
  SimulatedHeartbeats,
  SimulatedLease,
  SimulatedLeaseParts,
  SimulatedLeases,
} from './drivers.ts'
export { simulate } from './simulate.ts'
export type { Mutations, SimulationOutcome, SiteOptions } from './simulate.ts'
export type { Wire } from './wires.ts'
