export type { AdminWord, PeoplesWord } from './admin.ts'
export type { DampingOptions, DampingRules } from './damping-rules.ts'
export { dampingRulesSchema } from './damping-rules.ts'
export { beginDamping, dampDeath, dampResult, flapRatio, isHeld, penaltyAt } from './damping.ts'
export type { DampingState } from './damping.ts'
export { dampingDefaults, healthDefaults, monitorDefaults, observerDefaults, probeDefaults } from './defaults.ts'
export { detectionBound, detectionBoundMs } from './detection-bound.ts'
export type { DetectionBound, DetectionRules, DetectionTimes } from './detection-bound.ts'
export { explain } from './explain.ts'
export type { ExplainOptions } from './explain.ts'
export { explainData } from './explain-data.ts'
export type { Explanation, PossibleChange } from './explain-data.ts'
export { initialState, step } from './machine.ts'
export type { MachineEffect, MachineInput, MachineRules, MachineState, MachineStep } from './machine.ts'
export { createHealthMonitor, HealthMonitor } from './monitor.ts'
export type { HealthMonitorOptions, MonitoredTargetOptions } from './monitor-options.ts'
export type { ObserverRules } from './observer-health.ts'
export type { ObserverOptions } from './observer-rules.ts'
export { observerRulesSchema } from './observer-rules.ts'
export type { Probe, ProbeAdvice, ProbeFacts, ProbeFailure, ProbePhase, ProbePhaseName, ProbeResult } from './probe.ts'
export { healthRulesSchema } from './rules.ts'
export type { HealthRules, HealthRulesOptions } from './rules.ts'
export type { PaceRules } from './schedule.ts'
export type {
  FlapStatus,
  HealthEvent,
  ObserverVerdict,
  TargetHealth,
  TargetStateEvent,
  TimedResult,
  TrafficReport,
} from './target-health.ts'
