import { expect, it } from 'vitest'
import { parseConfig } from '../config/load.ts'
import { makeSecrets, planRehearsal } from './rehearsal-plan.ts'
import { usersConfig } from './rehearsal.fixture.ts'
import { stagedFile, witnessFile } from './staged-file.ts'

async function staged(node = 'web-2') {
  const { file, config } = await usersConfig()
  const plan = planRehearsal(config, 'shop')
  if (!plan) throw new Error('it can be rehearsed')
  const secrets = makeSecrets()
  return { plan, secrets, text: stagedFile({ file, config, plan, secrets, node, state: '/tmp/stage' }) }
}

const load = (text: string) => parseConfig(text, { file: 'staged', env: {}, hostname: 'laptop' })

it('holds no secret of the user, and nothing that reaches anybody', async () => {
  const { text } = await staged()
  expect(text).not.toContain('sentinel')
  const { config } = await load(text)
  expect(config.alerts.channels).toEqual([])
  expect(config.pools).toEqual([])
  expect(config.proxies).toEqual([])
  expect(config.api.listen.host).toBe('127.0.0.1')
})

it('has the times and the words of the user wherever these can stand', async () => {
  const { config } = await load((await staged()).text)
  expect(config.node).toBe('web-2')
  expect(config.cluster).toMatchObject({
    heartbeat: { intervalMs: 50, detector: { timeoutMs: 400 } },
    arbiter: { type: 'witness', ttlMs: 3_000 },
  })
  const shop = config.services.find(({ name }) => name === 'shop')
  expect(shop).toMatchObject({
    members: ['web-2', 'web-1'],
    onControlLoss: 'release',
    after: ['files'],
    check: { type: 'tcp', host: '127.0.0.1', intervalMs: 300, timeoutMs: 200, fall: 2, rise: 3 },
    resources: [{ type: 'vip', address: '10.0.0.100/32' }],
  })
})

it('leaves out services without a virtual address', async () => {
  const { config } = await load((await staged()).text)
  expect(config.services.map(({ name }) => name)).toEqual(['shop', 'files'])
})

it('differs between nodes in their name alone, so that they agree', async () => {
  const { file, config } = await usersConfig()
  const plan = planRehearsal(config, 'shop')
  if (!plan) throw new Error('it can be rehearsed')
  const secrets = makeSecrets()
  const [one, two] = ['web-1', 'web-2'].map((node) => JSON.parse(stagedFile({ file, config, plan, secrets, node, state: '/s' })))
  expect({ ...one, node: '' }).toEqual({ ...two, node: '' })
})

it('has a witness that knows the same secret', async () => {
  const { plan, secrets } = await staged()
  const { config } = await load(witnessFile(plan, secrets, '/tmp/stage/witness.json'))
  expect(config.witness).toMatchObject({ listen: { host: '192.0.2.202', port: 7402 }, secrets: [{ id: 1, secret: secrets.arbiter }] })
})
