import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FenceDevice } from './fence-device.ts'
import { fenceLevels } from './levels.ts'

function device(name: string, works: boolean, log: string[] = []): FenceDevice {
  return {
    name,
    allowedMs: 1_000,
    manual: [`switch ${name} off`],
    async off() {
      log.push(name)
      return works ? { ok: true, detail: 'off' } : { ok: false, because: 'no session', retryable: true }
    },
    status: async () => ({ state: works ? 'off' : 'unknown', because: 'asked' }),
    monitor: async () => (works ? { ok: true, detail: 'well' } : { ok: false, because: 'no session', retryable: true }),
  }
}

describe('fenceLevels', () => {
  it.each([[[]], [[[]]]])('refuses %j', (levels: FenceDevice[][]) => {
    expect(() => fenceLevels(levels)).toThrow(expect.objectContaining({ code: 'HOTSPARE_FENCE_OPTIONS' }))
  })

  it('fails with what each level has said', async () => {
    expect(await fenceLevels([[device('ipmi', false)], [device('pdu', false)]]).off()).toEqual({
      ok: false,
      because: 'ipmi: no session; then pdu: no session',
      retryable: true,
    })
  })

  it('goes to no further level once it was given up', async () => {
    const log: string[] = []
    await fenceLevels([[device('ipmi', false, log)], [device('pdu', true, log)]]).off({ signal: AbortSignal.abort() })
    expect(log).toEqual(['ipmi'])
  })

  it('asks every device, whatever the others say', async () => {
    const probes = await fenceLevels([[device('ipmi', false)], [device('a', true), device('b', true)]]).probe()
    expect(probes.map(({ level, device: name, monitor }) => [level, name, monitor.ok])).toEqual([
      [1, 'ipmi', false],
      [2, 'a', true],
      [2, 'b', true],
    ])
  })

  it('succeeds exactly when all devices of some level do', async () => {
    const levels = fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(levels, async (works) => {
        const outcome = await fenceLevels(works.map((each) => each.map((one, index) => device(`d${index}`, one)))).off()
        expect(outcome.ok).toBe(works.some((each) => each.every(Boolean)))
      }),
    )
  })
})
