import { expect, it } from 'vitest'
import { clusterAlert } from './alert.ts'

it('tells people of a service that needs them, under one key until it does not', () => {
  const firing = clusterAlert({ type: 'service-concern', at: 5, service: 'shop', because: 'no member could take it over' }, 'web-1')
  const resolved = clusterAlert({ type: 'service-concern-ended', at: 9, service: 'shop' }, 'web-1')
  expect(firing).toMatchObject({
    status: 'firing',
    severity: 'critical',
    text: 'no member could take it over',
    labels: { node: 'web-1', service: 'shop' },
  })
  expect(resolved).toMatchObject({ status: 'resolved', severity: 'critical', key: firing?.key })
  expect(resolved?.id).not.toBe(firing?.id)
})

it('tells people of a site that is lost as one thing', () => {
  const firing = clusterAlert({ type: 'site-lost', at: 5, site: 'fra', because: 'no heartbeat of fra-1, fra-2' }, 'ham-1')
  const resolved = clusterAlert({ type: 'site-back', at: 9, site: 'fra', because: 'heard again' }, 'ham-1')
  expect(firing).toMatchObject({ key: 'site/fra', status: 'firing', severity: 'critical', title: 'site fra is lost, says ham-1' })
  expect(resolved).toMatchObject({ key: 'site/fra', status: 'resolved' })
})

it('tells nobody of what the cluster sees to by itself', () => {
  expect(clusterAlert({ type: 'plan-finished', at: 5, service: 'shop', purpose: 'failover', tookMs: 40 }, 'web-1')).toBeUndefined()
})
