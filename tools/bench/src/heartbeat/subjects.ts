import type { HeartbeatSubject } from './subject.ts'
import { hotspare } from './subjects/hotspare.ts'
import { rawDgram } from './subjects/raw-dgram.ts'
import { serf } from './subjects/serf.ts'

export const subjects: readonly HeartbeatSubject[] = [hotspare, rawDgram, serf]

/** What the others are set against. */
export const floor: HeartbeatSubject = rawDgram

/** How many peers a node has. */
export const sizes: readonly number[] = [2, 10, 50]

/** From one beat to the next. */
export const INTERVAL_MS = 100
