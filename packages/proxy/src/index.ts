export { proxyDefaults } from './defaults.ts'
export { speaksAgainstTarget } from './failure.ts'
export type { AttemptFailure, AttemptFailureReason } from './failure.ts'
export { proxySettingsSchema } from './options.ts'
export type { ProxyOptions, ProxySettings } from './options.ts'
export { createProxy } from './proxy.ts'
export { readCertificate, validityProblem } from './tls/certificate.ts'
export type { CertificateFacts, ReadCertificate, ServerCertificate } from './tls/certificate.ts'
export { tlsDefaults } from './tls/defaults.ts'
export type { TlsOptions } from './tls/options.ts'
export type { Proxy, ProxyStartOptions, ProxyStopOptions } from './proxy.ts'
export { blameOf } from './request-end.ts'
export type { Blame, RequestEndReason } from './request-end.ts'
export type {
  AnswerFacts,
  AnswerKeeper,
  AttemptFinishedEvent,
  ClientTls,
  ErrorPage,
  ErrorPages,
  GivenAnswer,
  PickContext,
  Picked,
  PickedAnswer,
  PickOutcome,
  PickRefusal,
  PickRequest,
  PickTarget,
  ProxyEvent,
  ProxyRequest,
  ProxyTarget,
  RequestFinishedEvent,
  RequestOutcome,
  RequestRetriedEvent,
  StaleAnswers,
  TargetPick,
} from './types.ts'
