export { accessLine } from './access-line.ts'
export type { AccessLogFormat } from './access-line.ts'
