export { memorySegment } from './memory-segment.ts'
export type { MemoryHost, MemorySegment } from './memory-segment.ts'
