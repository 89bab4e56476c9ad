import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../cluster/two-nodes.fixture.ts'
import { USERS_FILE } from '../rehearsal/rehearsal.fixture.ts'
import { contextOf } from './commands.fixture.ts'
import { exitCodeOf } from './context.ts'
import { lab, type LabOptions } from './lab.ts'

const WITHOUT_ARBITER = USERS_FILE.replace(/arbiter: .*/, 'arbiter: { type: none, acceptSplitBrain: true }').replace(/release/, 'keep')

async function refusal(yaml: string, options: Omit<LabOptions, 'config'> = {}) {
  const file = join(await temporaryFolder(), 'hotspare.yaml')
  await writeFile(file, yaml)
  const context = contextOf({ hostname: 'web-1' })
  const error: unknown = await lab({ config: file, ...options }, context).catch((thrown: unknown) => thrown)
  return { said: String(error), code: exitCodeOf(error), out: context.out() }
}

describe('what cannot be rehearsed is refused before anything is made', () => {
  it.each<[string, string, Omit<LabOptions, 'config'>, RegExp]>([
    ['a failure that is none', USERS_FILE, { failures: 'power,pover' }, /"pover" is none; did you mean "power"/],
    ['no failure at all', USERS_FILE, { failures: '' }, /failures: service-dead, /],
    ['a service that is none', USERS_FILE, { service: 'shopp' }, /no service "shopp" with a vip; did you mean "shop"/],
    ['a service without a virtual address', USERS_FILE, { service: 'cloudy' }, /no service "cloudy" with a vip/],
    ['a file without a cluster', 'pools: { s: { targets: ["http://127.0.0.1:9"] } }', {}, /can be rehearsed: it has no cluster/],
    // It printed an empty table, and called that well.
    [
      'the death of an arbiter that the file has not',
      WITHOUT_ARBITER,
      { failures: 'power,arbiter-dead' },
      /--failures: arbiter-dead cannot happen to shop/,
    ],
  ])('%s', async (_, yaml, options, said) => {
    expect(await refusal(yaml, options)).toMatchObject({ said: expect.stringMatching(said), code: 2, out: '' })
  })
})
