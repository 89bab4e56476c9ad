import { describe, expect, it } from 'vitest'
import { consoleChannel } from './console.ts'
import { describeChannelContract } from './testing/channel-contract.ts'
import { memoryChannel } from './testing/memory-channel.ts'
import { sampleAlert } from './testing/sample-alert.ts'
import type { Delivery } from './types.ts'

describe('consoleChannel', () => {
  it.each([
    ['a writer that is missing', { name: 'out' }],
    ['an unknown option', { name: 'out', write: () => {}, color: true }],
  ])('refuses %s', (_case, options) => {
    expect(() => consoleChannel(options as never)).toThrow(expect.objectContaining({ code: 'HOTSPARE_ALERT_OPTIONS' }))
  })

  it('stays on one line, without escapes, whatever the alert holds', async () => {
    const lines: string[] = []
    await consoleChannel({ name: 'out', write: (line) => lines.push(line) }).send(
      sampleAlert({ title: 'a\nFAKE LINE', text: '\u001B[31mred', key: 'k\r\n' }),
    )
    expect(lines).toEqual(['2023-11-14T22:13:20.000Z CRITICAL firing target-down k : a FAKE LINE -  [31mred'])
  })

  it('colours the state alone, and only when told', async () => {
    const lines: string[] = []
    const channel = consoleChannel({ name: 'out', write: (line) => lines.push(line), colors: true })
    await channel.send(sampleAlert({ text: '' }))
    await channel.send(sampleAlert({ text: '', status: 'resolved', severity: 'info' }))
    expect(lines).toEqual([
      '2023-11-14T22:13:20.000Z \u001B[31mCRITICAL firing\u001B[0m target-down target/shop/a: shop: target a is down',
      '2023-11-14T22:13:20.000Z \u001B[32mINFO resolved\u001B[0m target-down target/shop/a: shop: target a is down',
    ])
  })
})

describeChannelContract(
  { describe, it },
  {
    title: 'console channel',
    behaviours: ['accept', 'refuse-for-now'],
    async open() {
      let behaviour = 'accept'
      const lines: string[] = []
      const write = (line: string) => {
        if (behaviour !== 'accept') throw new Error('EPIPE /secret/path')
        lines.push(line)
      }
      return {
        channel: consoleChannel({ name: 'out', write }),
        behave: (next) => void (behaviour = next),
        received: () => lines,
        secrets: ['/secret/path'],
        close: async () => {},
      }
    },
  },
)

const answers: Readonly<Record<string, Delivery>> = {
  accept: { ok: true },
  'refuse-for-now': { ok: false, retryable: true, reason: 'busy' },
  'refuse-for-good': { ok: false, retryable: false, reason: 'unknown' },
  gone: { ok: false, retryable: true, reason: 'nobody listens' },
}

describeChannelContract(
  { describe, it },
  {
    title: 'memory channel',
    behaviours: ['accept', 'refuse-for-now', 'refuse-for-good', 'gone'],
    async open() {
      let behaviour = 'accept'
      const channel = memoryChannel({ respond: () => answers[behaviour]! })
      return {
        channel,
        behave: (next) => void (behaviour = next),
        received: () => channel.delivered.map(({ id }) => id),
        secrets: [],
        close: async () => {},
      }
    },
  },
)
