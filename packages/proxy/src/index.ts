export { proxyDefaults } from './defaults.ts'
export { speaksAgainstTarget } from './failure.ts'
export type { AttemptFailure, AttemptFailureReason } from './failure.ts'
export { proxySettingsSchema } from './options.ts'
export type { ProxyOptions, ProxySettings } from './options.ts'
export { createProxy } from './proxy.ts'
export type { Proxy, ProxyStartOptions } from './proxy.ts'
export type {
  AttemptFinishedEvent,
  PickContext,
  Picked,
  PickOutcome,
  PickRefusal,
  PickRequest,
  PickTarget,
  ProxyEvent,
  ProxyTarget,
  RequestFinishedEvent,
  RequestOutcome,
  RequestRetriedEvent,
  TargetPick,
} from './types.ts'
