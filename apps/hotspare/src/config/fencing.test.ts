import { describe, expect, it } from 'vitest'
import { loadText } from './fencing.fixture.ts'
import { formatFencing, summarizeFencing } from './summary-fencing.ts'

const DEVICE = '{ agent: fence_ipmilan, options: { ip: 10.0.9.1, lanplus: true, power_timeout: 5 }, secrets: { password: "${env:IPMI}" } }'
const BOTH = `fencing: { nodes: { web-1: [ ${DEVICE} ], web-2: [ ${DEVICE} ] } }`

describe('fencing in the file', () => {
  it.each([
    ['no device at all', { top: '' }, 'services.shop.fencing: no device is there to do it'],
    [
      'a member without one',
      { top: `fencing: { nodes: { web-1: [ ${DEVICE} ] } }` },
      'a member cannot be fenced; write its devices under fencing.nodes: web-2',
    ],
    ['no arbiter', { top: BOTH, arbiter: '{ type: none, acceptSplitBrain: true }' }, 'services.shop.fencing: fencing needs an arbiter'],
    [
      'a node that is none',
      { top: BOTH.replace('web-1', 'web-3') },
      'fencing.nodes.web-3: there is no node "web-3"; did you mean "web-1"?',
    ],
    [
      'an agent that is none',
      { top: BOTH.replace('fence_ipmilan', 'rm -rf') },
      'fencing.nodes.web-1[0].agent: expected a fence agent like fence_ipmilan',
    ],
    ['an action of its own', { top: BOTH.replace('ip:', 'action:') }, 'the name "action" is not allowed'],
    [
      'two lines',
      { top: BOTH.replace('10.0.9.1', '"a\\nb"') },
      'fencing.nodes.web-1[0].options.ip: expected an option value like 10.0.9.1',
    ],
    ['an unknown key', { top: BOTH.replace('secrets:', 'secret:') }, 'fencing.nodes.web-1[0]: unknown key "secret"'],
    ['an empty list', { top: 'fencing: { nodes: { web-1: [] } }' }, 'fencing.nodes.web-1'],
    ['another word', { top: BOTH, mode: 'perhaps' }, 'services.shop.fencing'],
    ['a watchdog that is too slow', { top: `${BOTH}\nwatchdog: { timeout: 9s }` }, 'watchdog.timeout: the watchdog does not fit the lease'],
    ['a watchdog that is no path', { top: `${BOTH}\nwatchdog: { path: watchdog }` }, 'watchdog.path'],
  ] as const)('%s is told where it stands', async (_, parts, says) => {
    await expect(loadText(parts)).rejects.toThrow(says)
  })

  it('is understood, with every value a text, and secrets kept out of what is shown', async () => {
    const { config, redactor } = await loadText({ top: `${BOTH}\nwatchdog: { timeout: 3s }` })
    expect(config.fencing?.nodes['web-1']).toEqual([
      {
        agent: 'fence_ipmilan',
        options: { ip: '10.0.9.1', lanplus: '1', power_timeout: '5' },
        secrets: { password: 'a secret of the board' },
        level: 1,
        offTimeoutMs: 60_000,
        proof: 'status',
      },
    ])
    expect(config.fencing?.startDelayMs).toBe(60_000)
    expect(config.watchdog).toEqual({ path: '/dev/watchdog', timeoutMs: 3_000, mode: 'required' })
    expect(config.services[0]?.fencing).toBe('required')
    expect(redactor.redact('with a secret of the board')).not.toContain('board')
  })

  it('is summed up level by level, without a secret', async () => {
    const devices = '[ { agent: fence_a }, { agent: fence_b, level: 2 }, { agent: fence_c, level: 2 } ]'
    const { config } = await loadText({ top: `fencing: { nodes: { web-1: ${devices}, web-2: [ ${DEVICE} ] } }` })
    const summary = summarizeFencing(config)
    expect(summary && formatFencing(summary)).toEqual([
      'fencing of web-1: fence_a, then fence_b and fence_c',
      'fencing of web-2: fence_ipmilan',
      '  `hotspare fence status` asks each of them, and switches nothing',
      '  shop: whoever may still hold something is off before it is taken over',
    ])
    expect(JSON.stringify(summary)).not.toContain('board')
  })

  it('is nothing where the file has nothing of it', async () => {
    const { config } = await loadText({ top: '', mode: '' })
    expect(summarizeFencing(config)).toBeUndefined()
    expect(config.services[0]?.fencing).toBeUndefined()
  })
})
