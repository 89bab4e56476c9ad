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
  PoolStatus,
  Problem,
  ProcessStatus,
  ProxyStatus,
  Status,
  TargetExplanation,
  TargetStatus,
  Timeline,
  TimelineEntry,
} from './contract.ts'
export { clusterStatusSchema, commandResultSchema, peopleWordResultSchema, planAnswerSchema } from './cluster-contract.ts'
export type {
  ClusterStatus,
  CommandResult,
  PeerStatus,
  PeopleWord,
  PeopleWordResult,
  PlanAnswer,
  PlannedStep,
  ServiceStatus,
  StatedVerdict,
  StepResult,
} from './cluster-contract.ts'
