import { describe, expect, it } from 'vitest'
import type { ServiceCheckConfig } from '../../config/config.ts'
import { instructionsFor } from './instructions.ts'

const timing = { intervalMs: 200, timeoutMs: 200, rise: 2, fall: 2 }
const http = {
  type: 'http',
  url: 'http://127.0.0.1:8080/healthz',
  host: undefined,
  headers: {},
  status: '200-399',
  body: undefined,
  ...timing,
} as const

function instructions(check: ServiceCheckConfig = http) {
  return instructionsFor({ service: { name: 'shop', check }, resources: [], stateFolder: '/var/lib/hotspare', leaseMs: 3_000 })
}

describe('instructionsFor', () => {
  it.each([
    ['200-399', ['200', '299', '304', '399'], ['199', '400', '000', '2000']],
    ['200,204', ['200', '204'], ['201', '404']],
    ['200-299,304', ['204', '304'], ['301', '500']],
  ])('expects of a check with %s what the check itself accepts', (status, good, bad) => {
    const pattern = new RegExp(instructions({ ...http, status }).prepare('web-1').verification.expect, 'mu')
    expect(good.filter((code) => !pattern.test(code))).toEqual([])
    expect(bad.filter((code) => pattern.test(code))).toEqual([])
  })

  it('quotes what stands in the file, so that nothing of it is a command', () => {
    const { manual } = instructions({ ...http, host: "a'; reboot; '" }).prepare('web-1')
    expect(manual[0]).toContain(`-H 'Host: a'\\''; reboot; '\\'''`)
  })

  it('has the hold stand in for the lease, where people type', () => {
    expect(instructions().lease('take', 'web-1')).toMatchObject({ manual: ['cat /var/lib/hotspare/hold'], allowedMs: 3_000 })
  })
})
