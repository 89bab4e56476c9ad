import { Agent } from 'undici'
import { describe, expect, it } from 'vitest'
import { AWS, AWS_KEYS, awsStandIn } from './aws.fixture.ts'
import { awsRoutes, elasticIp, privateIp } from './aws.ts'
import { describeProviderContract } from './testing/index.ts'

const targets = { 'web-1': 'eni-0a', 'web-2': 'eni-0b', stranger: 'eni-0f' }
const secrets = [AWS_KEYS.secretAccessKey]
const { region, allocation, address, subnet, tables, routed } = AWS

describeProviderContract(
  { describe, it },
  {
    title: 'an Elastic IP with the credentials of a role',
    async open() {
      const { url: endpoint, standIn, granted } = await awsStandIn('elastic', true)
      const options = { allocation, region, endpoint, metadataEndpoint: endpoint }
      return { standIn, open: (clock) => elasticIp({ ...options, clock }), targets, keepsToken: true, secrets: granted }
    },
  },
)

describeProviderContract(
  { describe, it },
  {
    title: 'a secondary private address',
    async open() {
      const { url: endpoint, standIn } = await awsStandIn('private')
      const options = { address, subnet, region, keys: AWS_KEYS, endpoint }
      return { standIn, open: (clock) => privateIp({ ...options, clock }), targets, keepsToken: false, secrets }
    },
  },
)

describeProviderContract(
  { describe, it },
  {
    title: 'routes in two tables',
    async open() {
      const { url: endpoint, standIn } = await awsStandIn('routes')
      const options = { address: routed, tables, region, keys: AWS_KEYS, endpoint }
      return { standIn, open: (clock) => awsRoutes({ ...options, clock }), targets, keepsToken: true, secrets }
    },
  },
)

describe('an address at AWS', () => {
  it('may be given to an instance instead of an interface', async () => {
    const { url: endpoint, standIn } = await awsStandIn('elastic')
    const provider = elasticIp({ allocation, region, keys: AWS_KEYS, endpoint })
    standIn.setHolder('eni-0a')
    const { places } = await provider.look(['i-of-eni-0a', 'i-of-eni-0b'], AbortSignal.timeout(5_000))
    expect(places[0]?.holder).toBe('i-of-eni-0a')
    await Promise.all([provider.close(), standIn.close()])
  })

  it('asks the metadata service itself, and not through the proxy of the caller', async () => {
    const [api, metadata] = await Promise.all([awsStandIn('elastic', true), awsStandIn('elastic', true)])
    const passed = new Set<string>()
    const proxy = new Agent().compose((dispatch) => (request, handler) => {
      passed.add(String(request.origin))
      return dispatch(request, handler)
    })
    const options = { allocation, region, endpoint: api.url, metadataEndpoint: metadata.url, dispatcher: proxy }
    const provider = elasticIp(options)
    // Keys of another stand-in: what matters is who was asked for them, and by which way.
    await expect(provider.look([], AbortSignal.timeout(5_000))).rejects.toThrow('RequestExpired')
    expect([...passed]).toEqual([api.url])
    expect(metadata.granted).not.toEqual([])
    await Promise.all([provider.close(), proxy.close(), api.standIn.close(), metadata.standIn.close()])
  })

  it.each([
    ['a region that is none', () => elasticIp({ allocation, region: 'frankfurt' })],
    ['an allocation that is none', () => elasticIp({ allocation: '203.0.113.10', region })],
    ['no table', () => awsRoutes({ address: routed, tables: [], region })],
    ['an IPv6 address where there is none', () => privateIp({ address: 'fd00::1', subnet, region })],
    ['an address with a prefix', () => privateIp({ address: '10.0.1.100/32', subnet, region })],
  ])('refuses %s', (_, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'HOTSPARE_VIP_OPTIONS' }) as Error)
  })
})
