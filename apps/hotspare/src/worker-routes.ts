import { assertNever, type Clock } from '@hotspare/core'
import type { ErrorPages, GivenAnswer, PickContext, Picked, PickedAnswer, PickRequest, PickTarget, StaleAnswers } from '@hotspare/proxy'
import { createRouter, redirectAnswer, type Router } from '@hotspare/proxy/routes'
import { createStaleStore, type StaleStore } from '@hotspare/proxy/stale'
import type { PoolConfig, ProxyConfig, RouteTarget } from './config/config.ts'
import { poolsOf } from './config/config-routes.ts'
import { type MaintenancePage, PLAIN_PAGE, type WorkerMaintenance } from './worker-maintenance.ts'

export interface FrontOptions {
  readonly proxy: ProxyConfig
  readonly pools: readonly PoolConfig[]
  /** How a pool finds a target. */
  readonly pickIn: (pool: string, context: PickContext) => Picked | Promise<Picked>
  readonly maintenance: WorkerMaintenance
  readonly clock: Clock
}

/** What a proxy does with a request before a pool is asked: options of its own. */
export interface Front {
  readonly pick: PickTarget
  readonly errorPages: ErrorPages
  /** Undefined where no pool of it keeps answers. */
  readonly stale: StaleAnswers | undefined
}

const HTML = 'text/html; charset=utf-8'

/** The front of one proxy: which route a request takes, whether people work there, and what is kept for an outage. */
export function createFront({ proxy, pools, pickIn, maintenance, clock }: FrontOptions): Front {
  const find = finder(proxy)
  const pages = proxy.errorPages
  const page = pageOf(pages.find((each) => each.for === 'maintenance')?.html)
  const errorPages = Object.fromEntries(
    pages.flatMap((each) => (typeof each.for === 'number' ? [[each.for, { contentType: HTML, body: each.html }]] : [])),
  )
  const stores = storesOf(proxy, pools, clock)

  function pick(context: PickContext): Picked | Promise<Picked> {
    const { request } = context
    const to = find(request)
    switch (to.type) {
      case 'pool':
        return maintenance.answerTo(request, to.pool, to.maintenance, page) ?? pickIn(to.pool, context)
      case 'redirect':
        return redirectAnswer(to.redirect, request)
      case 'answer':
        return fixedAnswer(to)
      case 'refused':
        return { answer: { ...plainAnswer(to.status, errorPages), reason: to.because } }
      default:
        return assertNever(to)
    }
  }

  const storeOf = (request: PickRequest): StaleStore | undefined => {
    const to = find(request)
    return to.type === 'pool' ? stores.get(to.pool) : undefined
  }
  const stale: StaleAnswers = {
    offer(request, answer) {
      const own = storeOf(request)
      // What is written may take another route than what is read; of a request that writes, a store forgets, and keeps nothing.
      if (request.method !== 'GET') for (const store of stores.values()) if (store !== own) store.offer(request, answer)
      return own?.offer(request, answer)
    },
    find: (request) => storeOf(request)?.find(request),
  }
  return { pick, errorPages, stale: stores.size === 0 ? undefined : stale }
}

/** Where a request goes, or why nowhere. */
type Destination = RouteTarget | { readonly type: 'refused'; readonly status: 400 | 404; readonly because: string }

function finder({ pool, routes }: ProxyConfig): (request: PickRequest) => Destination {
  const rest: Destination =
    pool === undefined ? { type: 'refused', status: 404, because: 'no route is for it' } : { type: 'pool', pool, maintenance: false }
  if (routes.length === 0) return () => rest
  const router: Router<RouteTarget> = createRouter(routes)
  return (request) => {
    const found = router.find(request)
    switch (found.kind) {
      case 'route':
        return found.route.to
      case 'none':
        return rest
      case 'unclear':
        return { type: 'refused', status: 400, because: found.because }
      default:
        return assertNever(found)
    }
  }
}

function fixedAnswer({ status, contentType, body }: Extract<RouteTarget, { type: 'answer' }>): PickedAnswer {
  const headers = body === '' ? {} : { 'content-type': contentType }
  return { answer: { status, headers, body, reason: 'the route answers itself' } }
}

function plainAnswer(status: 400 | 404, pages: ErrorPages): GivenAnswer {
  const page = pages[status] ?? {
    contentType: 'text/plain; charset=utf-8',
    body: `hotspare: ${status} ${status === 404 ? 'Not Found' : 'Bad Request'}\n`,
  }
  return { status, headers: { 'content-type': page.contentType, 'cache-control': 'no-store' }, body: page.body }
}

function pageOf(html: string | undefined): MaintenancePage {
  return html === undefined ? PLAIN_PAGE : { contentType: HTML, body: html }
}

/** One for each pool that wants it, so that no pool takes the room of another. */
function storesOf(proxy: ProxyConfig, pools: readonly PoolConfig[], clock: Clock): ReadonlyMap<string, StaleStore> {
  const used = new Set(poolsOf(proxy))
  return new Map(
    pools.flatMap(({ name, staleIfError }) =>
      staleIfError && used.has(name) ? [[name, createStaleStore({ ...staleIfError, clock })] as const] : [],
    ),
  )
}
