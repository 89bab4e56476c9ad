import { describe, expect, it } from 'vitest'
import { memoryProbe } from './memory-probe.ts'
import { probeContract } from './probe-contract.ts'

const close = () => Promise.resolve()

probeContract({
  runner: { describe, it },
  name: 'memoryProbe',
  healthy: () => Promise.resolve({ probe: memoryProbe(), close }),
  dead: () => Promise.resolve({ probe: memoryProbe({ answer: () => 'refused' }), close }),
  silent: () => Promise.resolve({ probe: memoryProbe({ answer: () => 'silent', timeoutMs: 30 }), close }),
})

describe('memoryProbe', () => {
  it('throws where it plays a broken probe', async () => {
    await expect(memoryProbe({ answer: () => 'throw' }).run()).rejects.toThrow('a broken probe')
  })
})
