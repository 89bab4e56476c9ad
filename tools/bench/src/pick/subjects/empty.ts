import type { PickSubject } from '../subject.ts'

export const empty: PickSubject = {
  name: '(the loop alone)',
  kind: 'look-up',
  isPeer: false,
  setup: 'looks nothing up: what the measurement itself costs, also of the picks',
  prepare: () => () => undefined,
}
