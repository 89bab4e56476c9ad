import { expect, test } from 'vitest'
import { recordingLogger } from './recording-logger.ts'

test('it keeps every call, in order, with its level', () => {
  const logger = recordingLogger()
  expect(logger.records).toEqual([])
  logger.debug({ step: 1 }, 'one')
  logger.info({ step: 2 }, 'two')
  logger.warn({ step: 3 }, 'three')
  logger.error({ step: 4 }, 'four')
  expect(logger.records).toEqual([
    { level: 'debug', fields: { step: 1 }, message: 'one' },
    { level: 'info', fields: { step: 2 }, message: 'two' },
    { level: 'warn', fields: { step: 3 }, message: 'three' },
    { level: 'error', fields: { step: 4 }, message: 'four' },
  ])
})

test('two loggers share nothing', () => {
  const first = recordingLogger()
  first.info({}, 'one')
  expect(recordingLogger().records).toEqual([])
})
