import { expect, test } from 'vitest'
import * as runbook from './index.ts'

test('the package gives exactly these values to others', () => {
  expect(Object.keys(runbook).toSorted()).toEqual(['renderPlan', 'renderRunbook'])
})
