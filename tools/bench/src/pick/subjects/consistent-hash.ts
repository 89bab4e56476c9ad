import ConsistentHash from 'consistent-hash'
import { serverNames, textKeys } from '../keys.ts'
import type { PickSubject } from '../subject.ts'

/** Its other distribution, which is the default, is random: then two processes do not agree. */
const OPTIONS = { distribution: 'uniform' } as const

export const consistentHashGet: PickSubject = {
  name: 'consistent-hash get',
  kind: 'keyed-pick',
  isPeer: true,
  setup: '24 bits of PJW hash, 40 points a host at even distances; knows no health',
  prepare: gets,
}

export const consistentHashShort: PickSubject = {
  name: 'consistent-hash get, short key',
  kind: 'look-up',
  isPeer: true,
  setup: 'takes no hash: a key of four characters, which it hashes each time; 40 points a host',
  prepare: (targets) =>
    gets(
      targets,
      Array.from({ length: 8_192 }, (_, number) => `${number + 1_000}`),
    ),
}

export const consistentHashRebuild: PickSubject = {
  name: 'consistent-hash remove(), add()',
  kind: 'rebuild',
  isPeer: true,
  setup: 'one host out or in again, and a look-up, since it rebuilds with the next one: 40 points a host',
  prepare(targets) {
    const servers = serverNames(targets)
    const ring = ringOf(servers)
    const first = servers[0] ?? ''
    let isIn = true
    return () => {
      isIn = !isIn
      if (isIn) ring.add(first)
      else ring.remove(first)
      return void ring.get('key')
    }
  },
}

function gets(targets: number, keys: readonly string[] = textKeys()): () => undefined {
  const ring = ringOf(serverNames(targets))
  const mask = keys.length - 1
  let count = 0
  return () => void ring.get(keys[count++ & mask] ?? '')
}

function ringOf(servers: readonly string[]): ConsistentHash {
  const ring = new ConsistentHash(OPTIONS)
  for (const server of servers) ring.add(server)
  return ring
}
