import type { Clock, Logger } from '@hotspare/core'
import type { AttemptFinishedEvent, PickContext, Picked, PickRequest } from '@hotspare/proxy'
import { createTcpProxy, serverNames, type TcpPickContext, type TcpPicked, type TcpProxy, type TcpProxyEvent } from '@hotspare/proxy/tcp'
import type { ProxyConfig, TcpConfig } from './config/config.ts'
import { PLAIN_PAGE, type WorkerMaintenance } from './worker-maintenance.ts'

export interface TcpFrontOptions {
  readonly proxy: ProxyConfig & { readonly tcp: TcpConfig }
  /** How a pool finds a target. */
  readonly pickIn: (pool: string, context: PickContext) => Picked | Promise<Picked>
  readonly maintenance: WorkerMaintenance
  readonly told: (event: TcpProxyEvent) => void
  readonly attemptFinished: (event: AttemptFinishedEvent) => void
  readonly clock: Clock
  readonly logger: Logger
}

/** A proxy of `mode: tcp`, in front of the same pools as those of HTTP. */
export function tcpFront(options: TcpFrontOptions): TcpProxy {
  const { proxy: config, told, attemptFinished, clock, logger } = options
  const { listen, attempts, timeouts, limits, tcp } = config
  const proxy = createTcpProxy({
    ...listen,
    pick: pickFor(options),
    attempts,
    connectTimeoutMs: timeouts.connectMs,
    idleTimeoutMs: timeouts.idleMs,
    drainTimeoutMs: timeouts.drainMs,
    helloTimeoutMs: tcp.helloMs,
    halfCloseTimeoutMs: tcp.halfCloseMs,
    proxyProtocol: tcp.proxyProtocol,
    readServerName: tcp.serverNames.length > 0,
    closeOnDown: tcp.closeOnDown,
    maxConnections: limits.maxConnections,
    maxConnectionsPerTarget: limits.maxConnectionsPerTarget,
    clock,
    logger,
  })
  proxy.subscribe((event) => {
    told(event)
    if (event.type === 'attempt-finished') attemptFinished(event)
  })
  return proxy
}

function pickFor({ proxy, pickIn, maintenance }: TcpFrontOptions): (context: TcpPickContext) => TcpPicked | Promise<TcpPicked> {
  const named = serverNames(proxy.tcp.serverNames.map(({ name, pool }) => ({ name, value: pool })))
  return (context) => {
    const pool = named(context.serverName) ?? proxy.pool
    if (pool === undefined)
      return {
        refused: context.serverName === undefined ? 'the client names no server' : 'no pool is for the name that the client asks for',
      }
    const request = requestOf(context)
    const away = maintenance.answerTo(request, pool, false, PLAIN_PAGE)
    if (away) return { refused: away.answer.reason }
    const picked = pickIn(pool, {
      exclude: context.exclude,
      request,
      get signal() {
        return context.signal
      },
    })
    return picked instanceof Promise ? picked.then(withoutAnswer) : withoutAnswer(picked)
  }
}

/** To a pool, a connection is a request that says nothing but where it comes from. */
function requestOf(context: TcpPickContext): PickRequest {
  return {
    method: 'CONNECT',
    url: '',
    headers: {},
    get remoteAddress() {
      return context.remoteAddress
    },
  }
}

function withoutAnswer(picked: Picked): TcpPicked {
  return picked && 'answer' in picked ? { refused: picked.answer.reason } : picked
}
