import { type Algorithm, type Host, envoyRing, jump, keyedDefaults, maglev, rendezvous, ringHash } from '@hotspare/balance'
import { code, table } from '../markdown.ts'
import { ownersOf, sampleKeys, upPool } from './picks.ts'

const TARGETS = 10
const KEYS = 10_000

const KEYED: readonly (readonly [call: string, make: () => Algorithm])[] = [
  ['ringHash()', () => ringHash()],
  ["ringHash({ function: 'ketama' })", () => ringHash({ function: 'ketama' })],
  ['maglev()', () => maglev()],
  ['rendezvous()', () => rendezvous()],
  ['jump()', () => jump()],
]

/** What a change of the pool costs the keys that it should not touch, counted. */
export function keyFigures(): string {
  const keys = sampleKeys(KEYS)
  const ids = Array.from({ length: TARGETS + 1 }, (_, index) => `10.0.0.${index + 1}:8080`)
  const rows = KEYED.map(([call, make]) => {
    const poolOf = (names: readonly string[]) => upPool({ targets: names.map((id) => ({ id })), algorithm: make() })
    const ten = poolOf(ids.slice(0, TARGETS))
    const owners = ownersOf(ten, keys)
    const gone = ids[3] ?? ''
    ten.setState(gone, 'down')
    const whileDown = ownersOf(ten, keys)
    const removed = ownersOf(poolOf(ids.slice(0, TARGETS).filter((id) => id !== gone)), keys)
    const added = ownersOf(poolOf(ids), keys)
    const movedOf = (later: readonly string[]) =>
      share(keys.filter((_, place) => owners[place] !== gone && later[place] !== owners[place]).length, KEYS)
    const counts = ids.slice(0, TARGETS).map((id) => owners.filter((owner) => owner === id).length)
    const fair = KEYS / TARGETS
    return [
      code(call),
      movedOf(whileDown),
      movedOf(removed),
      share(keys.filter((_, place) => added[place] !== owners[place]).length, KEYS),
      `${percent(Math.min(...counts) / fair)} to ${percent(Math.max(...counts) / fair)}`,
    ]
  })
  const heads = [
    'Algorithm',
    'One is down',
    'One is taken from the list',
    `One is added (${share(1, TARGETS + 1)} is the least)`,
    'Keys of a target, fair share is 100 %',
  ]
  return table(heads, rows)
}

/** How even the rings are: lengths of arc, not counted keys. */
export function ringFigures(): string {
  const hosts = Array.from({ length: TARGETS }, (_, index): Host => ({ key: `10.0.0.${index + 1}:8080` }))
  const rows = [128, keyedDefaults.minimumRingSize, 8_192, 65_536].map((minimumRingSize) => {
    const shares = arcShares(hosts, minimumRingSize)
    const isDefault = minimumRingSize === keyedDefaults.minimumRingSize
    return [
      `${minimumRingSize.toLocaleString('en')}${isDefault ? ' (the default)' : ''}`,
      percent(Math.min(...shares)),
      percent(Math.max(...shares)),
    ]
  })
  return table(['`minimumRingSize`', 'Least share', 'Greatest share'], rows)
}

/** @returns for each host how much of the ring is its, in units of a fair share */
export function arcShares(hosts: readonly Host[], minimumRingSize: number): number[] {
  const ring = envoyRing(hosts, { minimumRingSize })
  const arcs = hosts.map(() => 0)
  for (const [place, { hash, index }] of ring.entries()) {
    const before = ring[place - 1]?.hash ?? (ring.at(-1)?.hash ?? 0n) - 2n ** 64n
    arcs[index] = (arcs[index] ?? 0) + Number(hash - before) / 2 ** 64
  }
  return arcs.map((arc) => arc * hosts.length)
}

/** The supermarket model: how long a request stays on average, in units of its service time, when many targets each draw d. */
export function queueFigures(): string {
  const rows = [0.5, 0.8, 0.9, 0.95, 0.99].map((load) => [
    percent(load),
    ...[1, 2, 3].map((choices) => timeInSystem(load, choices).toFixed(2)),
  ])
  return table(['Load', 'At random', 'Two choices', 'Three choices'], rows)
}

/** Mitzenmacher's sum over i of load^((d^i - d) / (d - 1)); for d = 1 it is 1 / (1 - load). */
export function timeInSystem(load: number, choices: number): number {
  if (choices === 1) return 1 / (1 - load)
  let time = 0
  for (let i = 1; i < 64; i++) time += load ** ((choices ** i - choices) / (choices - 1))
  return time
}

function share(count: number, of: number): string {
  return `${((100 * count) / of).toFixed(1)} %`
}

function percent(ratio: number): string {
  return `${Math.round(100 * ratio)} %`
}
