import { type Clock, HotspareError } from '@hotspare/core'
import { formatListen } from '../config/addresses.ts'
import type { Config, ListenAddress, ProxyConfig } from '../config/config.ts'
import { bindOrTakeOver, type BoundSocket } from './bound-socket.ts'
import type { ReplacementPlan } from './reload-plan.ts'

const PROXY = { code: 'HOTSPARE_PROXY_LISTEN', who: 'proxy', way: 'choose another port' } as const
const DNS = { code: 'HOTSPARE_DNS_LISTEN', who: 'dns', way: 'choose another port' } as const
const API = { code: 'HOTSPARE_APP_LISTEN', who: 'api', way: 'set `api.listen`' } as const

interface BindOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** The ports of one configuration: of each proxy by its name, and the API's. */
export interface Ports {
  readonly proxies: ReadonlyMap<string, BoundSocket>
  readonly api: BoundSocket
}

/** The ports that another configuration needs: those that go on, and new ones. */
export interface NextPorts extends Ports {
  /** Closes what is new: it is not needed after all. */
  giveUp(): void
  /** Closes those of the configuration before that are not needed any more. */
  closeOld(): void
}

/** Binds every port of a configuration, or none. @throws as `bindSocket` */
export async function bindPorts({ proxies, api, dns }: Pick<Config, 'proxies' | 'api' | 'dns'>, clock: Clock): Promise<Ports> {
  const bound = new Map<string, BoundSocket>()
  try {
    // Workers share these ports with each other, and would share them with another daemon too.
    for (const listen of dns?.server?.listen ?? []) {
      const free = await bindOrTakeOver(listen, DNS, { clock })
      free.close()
    }
    for (const { name, listen } of proxies) bound.set(name, await bindOrTakeOver(listen, PROXY, { clock }))
    return { proxies: bound, api: await bindOrTakeOver(api.listen, API, { clock }) }
  } catch (error) {
    for (const socket of bound.values()) socket.close()
    throw error
  }
}

export function closePorts({ proxies, api }: Ports): void {
  for (const socket of [...proxies.values(), api]) socket.close()
}

/** Binds what another configuration needs beyond what is held. @throws as `bindSocket`; nothing new stays then */
export async function bindNextPorts(
  held: Ports,
  { ports, apiMoves }: Pick<ReplacementPlan, 'ports' | 'apiMoves'>,
  { proxies, api }: Pick<Config, 'proxies' | 'api'>,
  options: BindOptions,
): Promise<NextPorts> {
  const fresh = new Map<string, BoundSocket>()
  const giveUp = () => {
    for (const socket of fresh.values()) socket.close()
  }
  try {
    for (const { name, listen } of ports.bind) fresh.set(name, await bindBeside(held, listen, PROXY, options))
    const nextApi = apiMoves ? await bindBeside(held, api.listen, API, options) : held.api
    const next = new Map(proxies.flatMap(({ name }: ProxyConfig) => entryOf(name, fresh.get(name) ?? heldBy(held, ports.kept.get(name)))))
    return {
      proxies: next,
      api: nextApi,
      giveUp() {
        giveUp()
        if (apiMoves) nextApi.close()
      },
      closeOld() {
        for (const name of ports.close) held.proxies.get(name)?.close()
        if (apiMoves) held.api.close()
      },
    }
  } catch (error) {
    giveUp()
    throw error
  }
}

/** The port may be our own, on another address: it could only be free once everything has ended. */
async function bindBeside(
  held: Ports,
  listen: ListenAddress,
  purpose: typeof PROXY | typeof API,
  options: BindOptions,
): Promise<BoundSocket> {
  try {
    return await bindOrTakeOver(listen, purpose, options)
  } catch (error) {
    const own = [...held.proxies.values(), held.api].find(({ address }) => address.port === listen.port)
    if (!own || !HotspareError.is(error)) throw error
    const message = `${purpose.who}: cannot listen on ${formatListen(listen)}: this daemon itself has that port, on ${formatListen(own.address)}: choose another one, or restart the daemon`
    throw new HotspareError({ code: purpose.code, message, cause: error })
  }
}

function heldBy({ proxies }: Ports, name: string | undefined): BoundSocket | undefined {
  return name === undefined ? undefined : proxies.get(name)
}

function entryOf(name: string, socket: BoundSocket | undefined): readonly [string, BoundSocket][] {
  return socket ? [[name, socket]] : []
}
