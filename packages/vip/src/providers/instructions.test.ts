import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { awsRoutes, elasticIp, privateIp } from './aws.ts'
import { azureIpConfiguration } from './azure.ts'
import { reservedIp } from './digitalocean.ts'
import { aliasIp, googleRoute } from './google.ts'
import { hetznerAliasIp, hetznerFloatingIp } from './hetzner.ts'
import { robotFailoverIp } from './hetzner-robot.ts'
import { ovhIp } from './ovh.ts'
import type { AddressProvider } from './provider.ts'

const region = 'eu-central-1'
const ENI = ['eni-0a', 'eni-0b'] as const
const NUMBERS = ['101', '102'] as const
const ZONED = ['europe-west3-a/web-1', 'europe-west3-b/web-2'] as const
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2_048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const key = JSON.stringify({ client_email: 'a@b', private_key: privateKey })

const ALL: readonly (readonly [AddressProvider, readonly [string, string]])[] = [
  [elasticIp({ allocation: 'eipalloc-0a', region }), ENI],
  [elasticIp({ allocation: 'eipalloc-0a', region }), ['i-0a', 'i-0b']],
  [privateIp({ address: '10.0.1.100', subnet: 'subnet-0a', region }), ENI],
  [awsRoutes({ address: '192.168.100.1', tables: ['rtb-0a', 'rtb-0b'], region }), ENI],
  [googleRoute({ project: 'p', name: 'shop', network: 'default', address: '10.9.9.9', key }), ZONED],
  [aliasIp({ project: 'p', address: '10.0.0.100', rangeName: 'services' }), ZONED],
  [
    azureIpConfiguration({
      subscription: '00000000-0000-4000-8000-000000000001',
      resourceGroup: 'shop',
      name: 'shop',
      address: '10.0.0.100',
    }),
    ['nic-1', 'nic-2'],
  ],
  [hetznerFloatingIp({ floatingIp: '4711', token: 't' }), NUMBERS],
  [hetznerAliasIp({ network: '815', address: '10.0.0.100', token: 't' }), NUMBERS],
  [robotFailoverIp({ address: '203.0.113.10', user: 'u', password: 'p' }), ['198.51.100.1', '198.51.100.2']],
  [reservedIp({ address: '203.0.113.10', token: 't' }), NUMBERS],
  [ovhIp({ address: '203.0.113.10', applicationKey: 'k', applicationSecret: 's', consumerKey: 'c' }), ['ns1.example.eu', 'ns2.example.eu']],
]

describe('what people type instead', () => {
  it.each(ALL.map(([provider, targets]) => [provider.id, provider, targets] as const))(
    '%s: a shell can read it',
    (_, provider, [target, other]) => {
      const lines = (['acquire', 'release'] as const).flatMap((verb) => {
        const { manual, verification } = provider.instruction(verb, { target, others: [other] })
        return [...manual, verification.command]
      })
      const problems = lines.map((line) => spawnSync('sh', ['-n', '-c', line], { encoding: 'utf8' }).stderr)
      expect(problems.join('')).toBe('')
      // Braces of a template that was never filled in.
      expect(lines.join('\n')).not.toMatch(/undefined|\[object|\$\{(?!others)/)
    },
  )
})
