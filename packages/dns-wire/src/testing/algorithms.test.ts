import { describe, expect, it } from 'vitest'
import { type TsigAlgorithm, tsigAlgorithms } from '../tsig/algorithms.ts'
import { client, key, realServers, zone } from './real-servers.fixture.ts'

// Each server takes those that it has built in; the truncated ones are names that none of them knows.
const algorithms = (Object.keys(tsigAlgorithms) as TsigAlgorithm[]).filter((name) => !/\d-\d/.test(name))

describe.each(realServers)('a real $name', ({ isInstalled, install, start }) => {
  it('verifies our signatures by every algorithm, and we verify its own', async (context) => {
    if (!isInstalled) return context.skip(`not installed (apt-get install ${install})`)
    const keys = algorithms.map((algorithm) => ({ ...key, name: `key-${algorithm}`, algorithm }))
    await using server = await start({ zones: [{ name: zone }], keys })
    for (const given of keys) {
      const result = await client(server, { key: given }).update({
        zone,
        prerequisites: [{ kind: 'name-in-use', name: zone }],
        updates: [],
      })
      expect({ ...result, algorithm: given.algorithm }).toEqual({ kind: 'applied', algorithm: given.algorithm })
    }
  })
})
