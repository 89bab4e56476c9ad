export { virtualTransport } from './virtual-transport.ts'
export type { VirtualPlace } from './virtual-transport.ts'
