import { isIP } from 'node:net'
import { engineDefaults } from '../engines/defaults.ts'
import type { WantedMember } from '../engines/members.ts'
import { formatAddress } from '../engines/members.ts'
import { wholeWeights } from '../engines/whole-weights.ts'
import type { HaproxyServer } from './servers-state.ts'

/** One step that HAProxy is told. */
export interface HaproxyCommand {
  readonly server: string
  /** As the runtime API takes it. */
  readonly command: string
  /** For people. */
  readonly text: string
}

export interface HaproxyPlan {
  readonly commands: readonly HaproxyCommand[]
  /** Members that the backend lacks, where it is not ours to add any. */
  readonly missing: readonly string[]
  /** Servers that are to go once they have no connection any more. */
  readonly leaving: readonly string[]
}

export interface HaproxyPlanOptions {
  readonly backend: string
  readonly managed: boolean
  readonly serverParameters: readonly string[]
}

/**
 * What HAProxy has to be told: pure. In this order, so that a backend with a server that is ready before and after has one
 * at each moment between: first who is to serve gets its address, weight and state; then the others step back; then who is
 * nobody's any more goes.
 */
export function planHaproxy(observed: readonly HaproxyServer[], wanted: readonly WantedMember[], options: HaproxyPlanOptions): HaproxyPlan {
  const { backend, managed } = options
  const servers = new Map(observed.map((server) => [server.name, server]))
  const weights = haproxyWeights(wanted)
  const lacks = wanted.filter(({ id }) => !servers.has(id))
  const added = managed ? lacks.filter(({ host }) => isIP(host) !== 0) : []
  const present = wanted.filter(({ id }) => servers.has(id))
  const tell = (server: string, what: string, text: string): HaproxyCommand => {
    return { server, command: `set server ${backend}/${server} ${what}`, text: `${server} ${text}` }
  }
  const [serving, others] = [present.filter(isServing), present.filter((member) => !isServing(member))]

  const toServe = serving.flatMap((member) => {
    const server = servers.get(member.id)!
    return [
      ...moveTo(member, server, tell),
      ...weighTo(weights.get(member.id)!, server, tell),
      ...(server.state === 'serve' ? [] : [tell(member.id, 'state ready', 'serves')]),
    ]
  })
  const toAdd = added.flatMap((member) => addition(member, weights.get(member.id) ?? 1, options, tell))
  const toStepBack = others.flatMap((member) => {
    const server = servers.get(member.id)!
    const state = member.state === 'off' ? 'off' : 'drain'
    const step = state === 'off' ? tell(member.id, 'state maint', 'is off') : tell(member.id, 'state drain', 'drains')
    return [...(server.state === state ? [] : [step]), ...moveTo(member, server, tell)]
  })

  // An empty wish is no wish to empty the backend.
  const unwanted = managed && wanted.length > 0 ? observed.filter(({ name }) => !wanted.some(({ id }) => id === name)) : []
  const toRetire = unwanted.filter(({ state }) => state !== 'off').map(({ name }) => tell(name, 'state maint', 'is off, and leaves'))
  const toRemove = unwanted.map(({ name }) => ({ server: name, command: `del server ${backend}/${name}`, text: `${name} has left` }))
  return {
    commands: [...toAdd, ...toServe, ...toStepBack, ...toRetire, ...toRemove],
    missing: lacks.filter((member) => !added.includes(member)).map(({ id }) => id),
    leaving: unwanted.map(({ name }) => name),
  }
}

/** @returns the whole numbers of the members that serve; the others have none */
export function haproxyWeights(wanted: readonly WantedMember[]): ReadonlyMap<string, number> {
  const serving = wanted.filter(isServing)
  if (serving.length === 0) return new Map()
  const whole = wholeWeights(
    serving.map(({ weight }) => weight),
    engineDefaults.maxWeight,
  )
  return new Map(serving.map(({ id }, index) => [id, whole[index]!]))
}

type Tell = (server: string, what: string, text: string) => HaproxyCommand

function isServing({ state }: WantedMember): boolean {
  return state === 'serve'
}

/** A server that is known to HAProxy by a name is found by HAProxy: its address is not ours to set. */
function moveTo({ id, host, port }: WantedMember, server: HaproxyServer, tell: Tell): HaproxyCommand[] {
  if (isIP(host) === 0 || (sameIp(server.host, host) && server.port === port)) return []
  return [tell(id, `addr ${host} port ${port}`, `is at ${formatAddress(host, port)}`)]
}

function weighTo(weight: number, server: HaproxyServer, tell: Tell): HaproxyCommand[] {
  return server.weight === weight ? [] : [tell(server.name, `weight ${weight}`, `has weight ${weight}`)]
}

/** A server that is added is in maintenance at first (management guide, `add server`). */
function addition(member: WantedMember, weight: number, options: HaproxyPlanOptions, tell: Tell): HaproxyCommand[] {
  const { id, host, port, state } = member
  const parameters = ['weight', String(weight), ...options.serverParameters].join(' ')
  const add = {
    server: id,
    command: `add server ${options.backend}/${id} ${formatAddress(host, port)} ${parameters}`,
    text: `${id} is new`,
  }
  if (state === 'off') return [add]
  return [add, state === 'serve' ? tell(id, 'state ready', 'serves') : tell(id, 'state drain', 'drains')]
}

/** The two may spell one IPv6 address differently. */
function sameIp(one: string, other: string): boolean {
  if (one === other) return true
  if (isIP(one) !== 6 || isIP(other) !== 6) return false
  return canonical(one) === canonical(other)
}

function canonical(address: string): string {
  return URL.parse(`http://[${address}]/`)?.hostname ?? address
}
