export type {
  FinalCheck,
  ManualTakeoverRunbook,
  ProofOfOff,
  RunbookContact,
  RunbookHold,
  RunbookInput,
  RunbookNode,
  RunbookService,
  SwitchoverRunbook,
} from './input.ts'
export { renderPlan } from './render-plan.ts'
export { renderRunbook } from './render-runbook.ts'
