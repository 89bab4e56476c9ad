import type { Alert } from '../types.ts'

/** An alert for tests; what matters to one is passed in. */
export function sampleAlert(changes: Partial<Alert> = {}): Alert {
  return {
    id: 'alert-1',
    key: 'target/shop/a',
    status: 'firing',
    type: 'target-down',
    severity: 'critical',
    title: 'shop: target a is down',
    text: '3 probes in a row failed: connection refused',
    at: 1_700_000_000_000,
    labels: { pool: 'shop', target: 'a' },
    ...changes,
  }
}
