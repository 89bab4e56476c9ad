export { createAnswering, createAnsweringSet } from './answering.ts'
export type {
  Answering,
  AnsweringEvent,
  AnsweringOptions,
  AnsweringRecord,
  AnsweringSetOptions,
  AnsweringSnapshot,
  AnsweringTarget,
  AnsweringTerms,
  HealthSource,
  MassChangeRefused,
  RecordSnapshot,
  TargetSnapshot,
  WorkerSnapshot,
  WorkerState,
} from './answering.ts'
export { chooseAnswers } from './answers.ts'
export type { AnswerFacts, AnswerPolicy, Answers, AnswerTarget } from './answers.ts'
export { applyChange } from './apply-change.ts'
export type { ApplyOptions, ApplyOutcome } from './apply-change.ts'
export { failoverBudget, formatBudget, spreadOf } from './budget.ts'
export type { BudgetPart, DetectionTimes, FailoverBudget, FailoverBudgetOptions, Quantiles } from './budget.ts'
export { whyNotExpressible } from './expressible.ts'
export { memoryZone } from './memory.ts'
export type { MemoryFault, MemoryFaultOptions, MemoryZone, MemoryZoneOptions } from './memory.ts'
export { canonicalName, isWithin } from './name.ts'
export type { ZoneProviderOptions } from './options.ts'
export { formatOwner, ownerName, parseOwner, readOwner } from './owner.ts'
export type { Owner, OwnerFact } from './owner.ts'
export { ownerSet, planRecords } from './plan-records.ts'
export type { Claim, PlanFacts, PlanPolicy, PlanRefusal, RecordPlan } from './plan-records.ts'
export type { CallOptions, ChangeOutcome, CompareAndSwap, DnsCapabilities, DnsProvider, Reading, Replacement } from './provider.ts'
export type { DnsRecordEvent, DriftPolicy } from './reconcile-events.ts'
export type { ServedCheck } from './reconcile-served.ts'
export { recordTypes } from './record-set.ts'
export type { RecordSet, RecordSetName, RecordType } from './record-set.ts'
export { quoteTxt, unquoteTxt } from './txt.ts'
export { canonicalValue, formatSet, recordSet, sameSet, sameValues } from './value.ts'
export { zoneProvider } from './zone-provider.ts'
export type { ZoneDriver } from './zone-provider.ts'
