export {
  apiPaths,
  problemSchema,
  statusSchema,
  targetExplanationSchema,
  targetStatusSchema,
  timelineEntrySchema,
  timelineSchema,
} from './contract.ts'
export type {
  EngineStatus,
  PoolStatus,
  Problem,
  ProcessStatus,
  ProxyStatus,
  Status,
  TargetExplanation,
  TargetStatus,
  TargetWish,
  Timeline,
  TimelineEntry,
} from './contract.ts'
export { clusterStatusSchema, commandResultSchema, peopleWordResultSchema, planAnswerSchema } from './cluster-contract.ts'
export type {
  ClusterStatus,
  CommandResult,
  BeatMeasurement,
  PeerStatus,
  PeopleWord,
  PeopleWordResult,
  PlanAnswer,
  PlannedStep,
  ServiceStatus,
  StatedVerdict,
  StepResult,
} from './cluster-contract.ts'
export { LONGEST_KEY_CHARACTERS, poolExplanationSchema, poolMaintenanceResultSchema } from './pool-contract.ts'
export type { PoolExplanation, PoolMaintenance, PoolMaintenanceResult, PoolMember, PoolShare } from './pool-contract.ts'
export { departureStatusSchema, siteStatusSchema, siteWordResultSchema } from './site-contract.ts'
export type { DepartureStatus, NodeLoad, ServiceDeparture, SiteStatus, SiteWordResult } from './site-contract.ts'
export { dnsForceResultSchema } from './dns-contract.ts'
export type { DnsForceResult } from './dns-contract.ts'
export { reloadResultSchema } from './reload-contract.ts'
export type { ReloadResult } from './reload-contract.ts'
export {
  checkExplanationSchema,
  checksSchema,
  checkStatusSchema,
  serviceExplanationSchema,
  watchExplanationSchema,
} from './watch-contract.ts'
export type {
  CheckExplanation,
  Checks,
  CheckStatus,
  JobReport,
  ProbeRun,
  ReportOutcome,
  ReportStatus,
  ServiceExplanation,
  ThresholdStatus,
  Unreachable,
  WatchExplanation,
} from './watch-contract.ts'
