import { renderRunbook } from '@hotspare/runbook'
import { describe, expect, it } from 'vitest'
import { loadText } from '../../config/fencing.fixture.ts'
import { fenceInstruction } from './instructions.ts'
import { runbookInput } from '../runbook/input.ts'

const DEVICE = '{ agent: fence_ipmilan, options: { ip: 10.0.9.1 }, secrets: { password: "${env:IPMI}" } }'

describe('a fence for people', () => {
  it('has a way where the file has no device', () => {
    const { manual, verification, allowedMs } = fenceInstruction(undefined, 'web-1')
    expect(manual.at(-1)).toContain('hotspare fence confirm web-1 --because')
    expect(verification.command).not.toBe('')
    expect(allowedMs).toBeGreaterThan(0)
  })

  it("is printed as the agent's own command, with its secret as a variable", async () => {
    const { config } = await loadText({ top: `fencing: { nodes: { web-1: [ ${DEVICE} ], web-2: [ ${DEVICE} ] } }` })
    const [service] = config.services
    const { cluster, fencing } = config
    if (!cluster || !service) throw new Error('the file has both')
    const move = { from: 'web-1', to: 'web-2', isDead: true }
    const input = runbookInput({ cluster, service, move, fencing, generatedAtMs: 0, version: '1.2.3' })
    expect(input.plan.steps.map(({ id }) => id)).toEqual([
      '1 take-lease on web-2',
      '2 fence web-1 on web-2',
      '3 acquire vip 10.0.0.100/32 on web-2',
    ])
    const page = renderRunbook(input)
    expect(page).toContain(`printf '%s\\n' action=off ip=10.0.9.1 "password=$FENCE_PASSWORD" | fence_ipmilan`)
    expect(page).not.toContain('a secret of the board')
  })

  it('is no step of an orderly move', async () => {
    const { config } = await loadText({ top: `fencing: { nodes: { web-1: [ ${DEVICE} ], web-2: [ ${DEVICE} ] } }` })
    const [service] = config.services
    const { cluster, fencing } = config
    if (!cluster || !service) throw new Error('the file has both')
    const move = { from: 'web-1', to: 'web-2', isDead: false }
    const { plan } = runbookInput({ cluster, service, move, fencing, generatedAtMs: 0, version: '1.2.3' })
    expect(plan.steps.some(({ action }) => action.type === 'fence')).toBe(false)
  })
})
