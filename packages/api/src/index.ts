export {
  apiPaths,
  problemSchema,
  statusSchema,
  targetExplanationSchema,
  targetStatusSchema,
  timelineEntrySchema,
  timelineSchema,
} from './contract.ts'
export type { PoolStatus, Problem, ProxyStatus, Status, TargetExplanation, TargetStatus, Timeline, TimelineEntry } from './contract.ts'
