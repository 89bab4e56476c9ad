import type { ProbeSubject } from './subject.ts'
import { blackbox } from './subjects/blackbox.ts'
import { haproxy } from './subjects/haproxy.ts'
import { hotspare } from './subjects/hotspare.ts'
import { rawNet } from './subjects/raw-net.ts'

/** In the order of each round. */
export const subjects: readonly ProbeSubject[] = [hotspare, rawNet, blackbox, haproxy]

/** What the others are set against. */
export const references: readonly ProbeSubject[] = [blackbox, haproxy]
