import { expect, test, vi } from 'vitest'
import { silentLogger } from './logger.ts'

test('the default logger writes nothing, on any level', () => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const writeError = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  for (const level of ['debug', 'info', 'warn', 'error'] as const) silentLogger[level]({ target: 'a' }, 'a sentence')
  const calls = write.mock.calls.length + writeError.mock.calls.length
  vi.restoreAllMocks()
  expect(calls).toBe(0)
})
