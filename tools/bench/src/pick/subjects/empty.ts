import type { PickSubject } from '../subject.ts'

export const empty: PickSubject = {
  name: '(the loop alone)',
  setup: 'picks nothing: what the measurement itself costs',
  prepare: () => () => undefined,
}
