import { describe, expect, it } from 'vitest'
import { faults, runFault } from './faults.fixture.ts'

describe('under 500 requests a second, one of two targets', () => {
  it.each(faults)(
    '$name: what can be repeated is, and the proxy tells of each loss that a client has',
    async (fault) => {
      const { load, told, reasons, answered, retried, held } = await runFault(fault, fault.freezes ? 2.5 : 2)
      expect(load.failed).toEqual(told)
      expect(load.answered).toBe(answered)
      expect(held).toBe(0)
      const lost = load.sent - load.answered
      expect({ lost: lost > 0, reasons }).toEqual({ lost: fault.leads === 'to cuts', reasons: fault.leads === 'to cuts' ? reasons : [] })
      // Those that were on their way already; every small one was answered.
      expect(lost).toBeLessThanOrEqual(load.sent * (fault.bigShare ?? 0))
      expect(Object.keys(told)).toEqual(lost > 0 ? ['broken'] : [])
      expect(reasons.every((reason) => reason.startsWith('one: closed: '))).toBe(true)
      expect(retried > 0).toBe(fault.leads === 'to retries')
    },
    60_000,
  )
})
