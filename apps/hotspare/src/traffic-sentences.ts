import { assertNever } from '@hotspare/core'
import type { OutlierEvent } from '@hotspare/health/outliers'

// Sentences for what detectors tell; `events.ts` unites them with the others.

/** A target that is put aside is a part of the site that fails; its pool serves on. */
export const OUTLIER_EVENT_LEVELS: Readonly<Partial<Record<OutlierEvent['type'], 'warn'>>> = {
  'target-ejected': 'warn',
  'ejection-withheld': 'warn',
}

const TYPES: ReadonlySet<string> = new Set<OutlierEvent['type']>([
  'target-ejected',
  'target-returned',
  'ejection-withheld',
  'back-off-started',
  'back-off-ended',
])

export function isOutlierEvent(event: { readonly type: string }): event is OutlierEvent {
  return TYPES.has(event.type)
}

export function outlierSentence(event: OutlierEvent): string {
  switch (event.type) {
    case 'target-ejected':
      return `${event.targetId} is put aside for ${Math.round(event.forMs)} ms, beside its health: ${event.because}`
    case 'target-returned':
      return `${event.targetId} is put aside no longer: ${event.because}`
    case 'ejection-withheld':
      return `${event.targetId} stands out beside its peers: ${event.because}`
    case 'back-off-started':
      return `${event.targetId} is left alone for ${Math.round(event.forMs)} ms: ${event.because}`
    case 'back-off-ended':
      return `${event.targetId} is left alone no longer: ${event.because}`
    default:
      return assertNever(event)
  }
}
