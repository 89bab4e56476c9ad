export { checkPlan } from './check-plan.ts'
export type { Plan, PlanPurpose, Step, StepAction } from './plan.ts'
export type {
  AcquireOptions,
  Instruction,
  Outcome,
  Resource,
  ResourceCallOptions,
  ResourceState,
  ResourceVerb,
  Verification,
} from './resource.ts'
export type { Right } from './right.ts'
