import { describe, expect, it } from 'vitest'
import { apiPaths } from './contract.ts'

describe('apiPaths', () => {
  it('encodes an id, and has the same path as a pattern for a router', () => {
    expect(apiPaths.target('shop/a b')).toBe('/api/v1/targets/shop%2Fa%20b')
    expect(apiPaths.drain('shop/a')).toBe('/api/v1/targets/shop%2Fa/drain')
    expect(apiPaths.report('a b')).toBe('/api/v1/checks/a%20b/report')
    expect(apiPaths.poolExplanation('a/b')).toBe('/api/v1/pools/a%2Fb/explain')
    expect(apiPaths.siteMaintenance('a/b')).toBe('/api/v1/sites/a%2Fb/maintenance')
    expect(apiPaths.poolMaintenance('a/b')).toBe('/api/v1/pools/a%2Fb/maintenance')
    expect(apiPaths.switchover('a b')).toBe('/api/v1/services/a%20b/switchover')
    expect(apiPaths.routes).toEqual({
      target: '/api/v1/targets/:id',
      drain: '/api/v1/targets/:id/drain',
      switchover: '/api/v1/services/:name/switchover',
      failover: '/api/v1/services/:name/failover',
      plan: '/api/v1/services/:name/plan',
      service: '/api/v1/services/:name',
      check: '/api/v1/checks/:name',
      report: '/api/v1/checks/:name/report',
      poolExplanation: '/api/v1/pools/:name/explain',
      poolMaintenance: '/api/v1/pools/:name/maintenance',
      siteMaintenance: '/api/v1/sites/:name/maintenance',
    })
  })
})
