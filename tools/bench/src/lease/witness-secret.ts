import type { WitnessSecret } from '@hotspare/lease/witness'

/** Of the witness that is measured: it lives for minutes, on loopback, and keeps nothing. */
export const benchSecret: WitnessSecret = { id: 1, secret: 'only for measuring, 32 characters' }
