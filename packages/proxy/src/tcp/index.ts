export { tcpProxyDefaults } from './defaults.ts'
export type { ClientHello } from './hello-body.ts'
export { HelloReader } from './hello-reader.ts'
export type { HelloReading } from './hello-reader.ts'
export { tcpProxySettingsSchema } from './options.ts'
export type { TcpProxyOptions, TcpProxySettings } from './options.ts'
export { proxyHeader } from './proxy-header.ts'
export type { ConnectionEnds } from './proxy-header.ts'
export { serverNames } from './server-names.ts'
export type { ServerNameEntry } from './server-names.ts'
export { createTcpProxy } from './tcp-proxy.ts'
export type { TcpProxy, TcpProxyStartOptions } from './tcp-proxy.ts'
export type {
  ConnectionFinishedEvent,
  ConnectionOutcome,
  ConnectionRetriedEvent,
  PickTcpTarget,
  TcpPickContext,
  TcpPicked,
  TcpProxyEvent,
} from './types.ts'
