import { type Clock, optionsError, systemClock } from '@hotspare/core'
import CachePolicy from 'http-cache-semantics'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { hostOf } from '../routes/host-names.ts'
import type { AnswerFacts, AnswerKeeper, GivenAnswer, PickRequest, StaleAnswers } from '../types.ts'
import { directivesOf, secondsOf } from './cache-control.ts'
import { hasCredentials, isBoundToFreshness, refusesKeeping, refusesKept, variantOf, varyNames } from './keeping-rules.ts'

export interface StaleStoreOptions {
  /** How old an answer may be that is served, counted from when its target gave it, in milliseconds. */
  readonly forMs: number
  /** How many answers are kept; the ones that were used least recently go first. Default: 1,000 */
  readonly maxEntries?: number | undefined
  /** Of all bodies and headers together. Default: 67,108,864 */
  readonly maxBytes?: number | undefined
  /** An answer with a larger body is not kept. Default: 65,536 */
  readonly maxBodyBytes?: number | undefined
  readonly clock?: Clock | undefined
}

/** Kept answers, in memory; made by {@link createStaleStore}. */
export interface StaleStore extends StaleAnswers {
  /** How many answers are kept, and how many bytes they take. */
  readonly entries: number
  readonly bytes: number
  clear(): void
}

interface Kept {
  readonly variant: string
  readonly body: Uint8Array
  readonly headers: AnswerFacts['headers']
  readonly names: readonly string[]
  readonly isPublic: boolean
  readonly size: number
  readonly keptMs: number
  /** By what the origin has said; the operator's limit comes on top. */
  readonly usableForMs: number
  readonly freshForMs: number
  readonly ageSeconds: number
}

/** Browsers ask for one page in few ways: with and without compression, languages. */
const MOST_VARIANTS = 8
const KEPT_AGAIN_MS = 1_000
/** For the entry itself, and each string of it. */
const OVERHEAD_BYTES = 512
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'SEARCH', 'REPORT'])

const optionsSchema = z.strictObject({
  forMs: z.number().int().min(1),
  maxEntries: z.number().int().min(1).default(1_000),
  maxBytes: z
    .number()
    .int()
    .min(1_024)
    .default(64 * 1024 * 1024),
  maxBodyBytes: z
    .number()
    .int()
    .min(0)
    .default(64 * 1024),
})

/**
 * Keeps answers for the time when no target gives one (`stale-if-error`, RFC 5861, 4).
 *
 * Kept is a 200 to a GET that a shared cache may keep (RFC 9111, 3) and that sets no cookie; where the request had a cookie or
 * credentials, what is marked `public` alone, and only that is served to such a request. `no-store`, `no-cache` and `private`
 * are not kept; `must-revalidate`, `proxy-revalidate` and `s-maxage` serve while they are fresh. A `stale-if-error` of the
 * origin is a limit beside `forMs`. What was kept goes when its origin redirects, asks for credentials, says 404 or 410, or
 * withdraws it from caches; and after a POST, PUT, PATCH or DELETE to its address that went well (RFC 9111, 4.4).
 *
 * @throws HotspareError `HOTSPARE_PROXY_OPTIONS` that names the option
 */
export function createStaleStore(options: StaleStoreOptions): StaleStore {
  const { clock = systemClock, ...rest } = options
  const parsed = optionsSchema.safeParse(rest)
  if (!parsed.success) throw optionsError({ code: 'HOTSPARE_PROXY_OPTIONS', who: 'stale store', issues: parsed.error.issues })
  const { forMs, maxEntries, maxBytes, maxBodyBytes } = parsed.data
  const store = new LRUCache<string, readonly Kept[]>({
    max: maxEntries,
    maxSize: maxBytes,
    sizeCalculation: (variants) => variants.reduce((sum, { size }) => sum + size, 0),
  })

  /** By the clock that was given; what follows is counted by its monotonic side, which no step of the wall clock moves. */
  class Policy extends CachePolicy {
    now(): number {
      return clock.wallMs()
    }
  }

  const policyOf = (request: PickRequest, answer: AnswerFacts): CachePolicy => {
    const { 'cache-control': directives, ...others } = answer.headers
    // The library reads directives in small letters alone.
    const headers = directives === undefined ? others : { ...others, 'cache-control': directives.toLowerCase() }
    const asked = { method: request.method, url: request.path ?? request.url, headers: request.headers }
    return new Policy(asked, { status: answer.status, headers }, { shared: true })
  }

  function keeperOf(key: string, request: PickRequest, answer: AnswerFacts): AnswerKeeper | undefined {
    const directives = directivesOf(answer.headers['cache-control'])
    if (refusesKeeping(request.headers, answer, directives)) return undefined
    const policy = policyOf(request, answer)
    if (!policy.storable()) return undefined
    const names = varyNames(answer.headers) ?? []
    const freshForMs = (policy.maxAge() - policy.age()) * 1_000
    const staleSeconds = secondsOf(directives, 'stale-if-error') ?? Number.POSITIVE_INFINITY
    const usableForMs = isBoundToFreshness(directives) ? freshForMs : Math.max(0, freshForMs) + staleSeconds * 1_000
    if (usableForMs <= 0) return undefined
    const facts = { names, variant: variantOf(request.headers, names), isPublic: directives.has('public'), headers: answer.headers }
    return {
      maxBytes: maxBodyBytes,
      keep(body) {
        const size = body.length + OVERHEAD_BYTES + JSON.stringify(facts).length * 2
        put(key, { ...facts, body, size, keptMs: clock.monotonicMs(), usableForMs, freshForMs, ageSeconds: policy.age() })
      },
    }
  }

  const keptFor = (key: string, { headers }: PickRequest): Kept | undefined =>
    store.get(key)?.find(({ names, variant }) => variant === variantOf(headers, names))

  /** A page that everybody asks for need not be kept a thousand times a second. */
  function isNew(key: string, request: PickRequest): boolean {
    const kept = keptFor(key, request)
    return kept !== undefined && clock.monotonicMs() - kept.keptMs < KEPT_AGAIN_MS
  }

  function put(key: string, kept: Kept): void {
    const others = (store.peek(key) ?? []).filter(({ names, variant }) => variant !== kept.variant && names.join() === kept.names.join())
    store.set(key, [kept, ...others.slice(0, MOST_VARIANTS - 1)])
  }

  return {
    get entries() {
      return store.size
    },
    get bytes() {
      return store.calculatedSize
    },
    clear: () => store.clear(),
    offer(request, answer) {
      const key = keyOf(request)
      if (key === undefined || answer.status >= 500 || answer.status === 304) return undefined
      if (!SAFE_METHODS.has(request.method)) {
        if (answer.status < 400) store.delete(key)
        return undefined
      }
      if (request.method !== 'GET') return undefined
      // One person's own page says nothing of the one for everybody.
      if (withdraws(answer) && !hasCredentials(request.headers)) store.delete(key)
      return answer.status !== 200 || isNew(key, request) ? undefined : keeperOf(key, request, answer)
    },
    find(request) {
      const key = keyOf(request)
      if (key === undefined || refusesKept(request.headers)) return undefined
      const kept = keptFor(key, request)
      if (!kept || (hasCredentials(request.headers) && !kept.isPublic)) return undefined
      const ageMs = clock.monotonicMs() - kept.keptMs
      return ageMs > forMs || ageMs >= kept.usableForMs ? undefined : answerOf(kept, ageMs)
    },
  }
}

/** The origin shows that what everybody could have before is not there for everybody any more. Not what one client may provoke, such as 403 and 429. */
function withdraws({ status, headers }: AnswerFacts): boolean {
  if (status !== 200) return (status >= 300 && status < 400) || status === 401 || status === 404 || status === 410
  const directives = directivesOf(headers['cache-control'])
  return directives.has('no-store') || directives.has('private') || directives.has('no-cache')
}

/** One address, as the client wrote it. */
function keyOf(request: PickRequest): string | undefined {
  const host = hostOf(request.host ?? '')
  return host === undefined || request.path === undefined ? undefined : `${portOf(request.host ?? '')} ${host} ${request.path}`
}

function portOf(host: string): string {
  return /:(\d+)$/.exec(host)?.[1] ?? ''
}

/** With its age (RFC 9111, 5.1), and told as what it is (RFC 9211): a hit whose time to live is over has a negative one. */
function answerOf(kept: Kept, ageMs: number): GivenAnswer {
  const { age: _age, 'content-length': _length, 'cache-status': before, ...headers } = kept.headers
  const leftSeconds = Math.floor((kept.freshForMs - ageMs) / 1_000)
  const status = `hotspare; hit; ttl=${leftSeconds}; detail=stale-if-error`
  return {
    status: 200,
    headers: {
      ...headers,
      age: String(Math.floor(kept.ageSeconds + ageMs / 1_000)),
      'cache-status': before === undefined ? status : `${before}, ${status}`,
    },
    body: kept.body,
  }
}
