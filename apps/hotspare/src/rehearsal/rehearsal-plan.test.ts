import { describe, expect, it } from 'vitest'
import { planRehearsal, reasonNotToRehearse } from './rehearsal-plan.ts'
import { USERS_FILE, usersConfig } from './rehearsal.fixture.ts'

describe('what cannot be rehearsed', () => {
  it('is a file without a cluster, without services, or without a virtual address', async () => {
    const { config } = await usersConfig()
    expect(reasonNotToRehearse({ ...config, cluster: undefined })).toContain('no cluster')
    expect(reasonNotToRehearse({ ...config, services: [] })).toContain('no services')
    const cloudy = config.services.filter(({ name }) => name === 'cloudy')
    expect(reasonNotToRehearse({ ...config, services: cloudy })).toContain('type vip')
    expect(reasonNotToRehearse(config)).toBeUndefined()
  })

  it('is a service that the file lacks, and one without a virtual address', async () => {
    const { config } = await usersConfig()
    expect(planRehearsal(config, 'shopp')).toBeUndefined()
    expect(planRehearsal(config, 'cloudy')).toBeUndefined()
  })
})

describe('a plan', () => {
  it('has the nodes with the addresses and interfaces of the file', async () => {
    const { config } = await usersConfig()
    const plan = planRehearsal(config, 'shop')
    expect(plan?.nodes).toEqual([
      { name: 'web-1', addresses: ['10.0.0.1', '10.9.0.1'], interfaces: ['eth0', 'lan'], observer: '192.0.2.101' },
      { name: 'web-2', addresses: ['10.0.0.2', '10.9.0.2'], interfaces: ['ens3'], observer: '192.0.2.102' },
    ])
    expect(plan?.service).toMatchObject({ name: 'shop', address: '10.0.0.100', members: ['web-2', 'web-1'] })
    expect(plan?.arbiter).toEqual({ address: '192.0.2.202', port: 7402, ttlMs: 3_000 })
  })

  it('gives nodes an address of the family of the service, where they have none', async () => {
    const { config } = await usersConfig()
    const plan = planRehearsal(config, 'files')
    expect(plan?.nodes.map(({ addresses }) => addresses.at(-1))).toEqual(['2001:db8::1', '2001:db8::2'])
    expect(plan?.client).toBe('2001:db8::c9')
  })

  it('has no arbiter where the file has none', async () => {
    const { config } = await usersConfig(
      USERS_FILE.replace(/arbiter: .*/, 'arbiter: { type: none, acceptSplitBrain: true }').replace(/release/, 'keep'),
    )
    expect(planRehearsal(config)?.arbiter).toBeUndefined()
  })

  it('says what is played by something else, and what is left out', async () => {
    const { config } = await usersConfig()
    const said = planRehearsal(config)?.stagings.join('\n')
    expect(said).toContain('a witness plays the arbiter (etcd)')
    expect(said).toContain('no resource of type vip: cloudy')
    expect(said).toContain('hetzner-floating-ip')
    expect(said).toContain('alerts')
  })
})
