export { recordingLogger } from './recording-logger.ts'
export type { LogRecord } from './recording-logger.ts'
export { TestClock } from './test-clock.ts'
