import { errorCode, withDeadline } from '@hotspare/core'
import { type Dispatcher, request } from 'undici'
import type { z } from 'zod'
import { callError, parseAnswer, readEvents, readText, refusal } from './answer.ts'
import {
  apiPaths,
  type Status,
  statusSchema,
  type TargetExplanation,
  targetExplanationSchema,
  type TargetStatus,
  targetStatusSchema,
  type Timeline,
  type TimelineEntry,
  timelineEntrySchema,
  timelineSchema,
} from './contract.ts'
import {
  type CommandResult,
  commandResultSchema,
  type PeopleWordResult,
  peopleWordResultSchema,
  type PlanAnswer,
  planAnswerSchema,
} from './cluster-contract.ts'
import { type ClientOptions, parseOptions } from './options.ts'
import { type SiteWordResult, siteWordResultSchema } from './site-contract.ts'
import { type DnsForceResult, dnsForceResultSchema } from './dns-contract.ts'
import { type ReloadResult, reloadResultSchema } from './reload-contract.ts'
import { type PoolExplanation, poolExplanationSchema, type PoolMaintenanceResult, poolMaintenanceResultSchema } from './pool-contract.ts'
import {
  type CheckExplanation,
  checkExplanationSchema,
  type Checks,
  checksSchema,
  type CheckStatus,
  checkStatusSchema,
  type JobReport,
  type ServiceExplanation,
  serviceExplanationSchema,
} from './watch-contract.ts'

export type { ClientOptions } from './options.ts'

export interface CallOptions {
  /** Ends the call, which then throws the signal's reason; one that is no error comes as `HOTSPARE_CORE_ABORTED`. */
  readonly signal?: AbortSignal | undefined
}

/**
 * A daemon of Hotspare, over HTTP. Every call throws a HotspareError: `HOTSPARE_API_UNREACHABLE` (retryable) when
 * nobody answers, `HOTSPARE_API_REFUSED` when the daemon says no, `HOTSPARE_API_ANSWER` when it is no Hotspare.
 * A call that its caller aborts throws the caller's reason.
 */
export interface Client {
  status(options?: CallOptions): Promise<Status>
  /** Why a target is in its state. */
  explain(targetId: string, options?: CallOptions): Promise<TargetExplanation>
  /** Where the requests of a pool go and why; with a key, where that key goes. */
  explainPool(name: string, query?: { readonly key?: string | undefined }, options?: CallOptions): Promise<PoolExplanation>
  /** What is watched besides targets. */
  checks(options?: CallOptions): Promise<Checks>
  /** Why a check is in its state. */
  explainCheck(name: string, options?: CallOptions): Promise<CheckExplanation>
  /** What a service's own check shows on that node. */
  explainService(name: string, options?: CallOptions): Promise<ServiceExplanation>
  /** Reports a job to the check that waits for it. */
  report(check: string, report: JobReport, options?: CallOptions): Promise<CheckStatus>
  /** Gives a target no new requests. */
  drain(targetId: string, options?: ForceOptions): Promise<TargetStatus>
  /** Takes a drain back. */
  undrain(targetId: string, options?: CallOptions): Promise<TargetStatus>
  /** Gives the clients of a pool a page that says that people work on it. @param word.forMs until then; default: until it is taken back */
  setPoolMaintenance(
    pool: string,
    word?: { readonly because?: string | undefined; readonly forMs?: number | undefined },
    options?: CallOptions,
  ): Promise<PoolMaintenanceResult>
  endPoolMaintenance(pool: string, options?: CallOptions): Promise<PoolMaintenanceResult>
  /** What happened, oldest first. @param after only entries with a higher sequence */
  timeline(query?: { readonly after?: number | undefined; readonly limit?: number | undefined }, options?: CallOptions): Promise<Timeline>
  /**
   * What happens, as it happens, until the signal aborts or the daemon stops; both end it without an error.
   *
   * @param after first repeats what came after it
   */
  events(query?: { readonly after?: number | undefined }, options?: CallOptions): AsyncGenerator<TimelineEntry>
  /** Moves a service from the active node, which works, to another one. A refusal is a value. */
  switchover(service: string, options?: MoveOptions & ForceOptions): Promise<CommandResult>
  /** Has a service taken over from a node that is dead or does not answer. A refusal is a value. */
  failover(service: string, options?: MoveOptions): Promise<CommandResult>
  /** What a switchover would do now. Nothing is done. */
  plan(service: string, options?: MoveOptions): Promise<PlanAnswer>
  /** A `hold` switches automation off on every node; `maintenance` wants no service on this one. Until it is taken back. */
  setWord(word: 'hold' | 'maintenance', because: string, options?: ForceOptions): Promise<PeopleWordResult>
  liftWord(word: 'hold' | 'maintenance', options?: CallOptions): Promise<PeopleWordResult>
  /** Wants no service at a whole site: every node of it is told. A refusal is a value, and so is a node that could not be told. */
  setSiteMaintenance(site: string, word: SiteWordOptions, options?: CallOptions): Promise<SiteWordResult>
  /** Takes it back, on every node of the site. */
  liftSiteMaintenance(site: string, options?: CallOptions): Promise<SiteWordResult>
  /** Has the daemon read its file anew. A file that cannot be followed is a value. */
  reload(options?: ReloadOptions): Promise<ReloadResult>
  /** Lets a change of DNS records through that was refused, as it is too much at once. That there is none is a value. */
  forceDns(options?: CallOptions): Promise<DnsForceResult>
}

export interface ReloadOptions extends CallOptions {
  /** Whether the daemon's processes are to be replaced though nothing has changed. Default: false */
  readonly restart?: boolean | undefined
}

export interface ForceOptions extends CallOptions {
  /** Though the others have no room for what leaves. Default: false */
  readonly force?: boolean | undefined
}

export interface SiteWordOptions {
  readonly because: string
  /** Though a service would have nowhere to go, or a node too much to carry. Default: false */
  readonly force?: boolean | undefined
}

/** Where a service is to go. */
export interface MoveOptions extends CallOptions {
  /** Default: the best candidate. */
  readonly to?: string | undefined
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** A move may wait for another one, and for a lease that runs out; a reload for processes that start. */
const MOVE_TIMEOUT_MS = 150_000
/** A node that does not answer is waited for. */
const SITE_TIMEOUT_MS = 30_000

/** @throws HotspareError `HOTSPARE_API_OPTIONS` that names the option */
export function createClient(options: ClientOptions): Client {
  const { url: base, token, timeoutMs, dispatcher, clock } = parseOptions(options)

  async function open(method: Method, path: string, accept: string, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const answer = await request(`${base}${path}`, {
      method,
      headers: { accept, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      signal,
      ...(dispatcher ? { dispatcher } : {}),
    })
    if (answer.statusCode >= 400) throw await refusal(base, answer)
    return answer
  }

  async function call<T>(
    method: Method,
    path: string,
    schema: z.ZodType<T>,
    { signal, longestMs = timeoutMs }: CallOptions & { readonly longestMs?: number } = {},
  ): Promise<T> {
    try {
      const work = async (own: AbortSignal) => readText(base, (await open(method, path, 'application/json', own)).body)
      return parseAnswer(base, schema, await withDeadline(`${method} ${path}`, longestMs, work, { signal, clock }))
    } catch (error) {
      throw isAbort(error, signal) ? error : callError(base, error)
    }
  }

  function move(path: string, { to, force, signal }: MoveOptions & ForceOptions = {}): Promise<CommandResult> {
    return call('POST', `${path}${search({ to, force: forced(force) })}`, commandResultSchema, {
      signal,
      longestMs: Math.max(timeoutMs, MOVE_TIMEOUT_MS),
    })
  }

  async function* events(path: string, { signal }: CallOptions = {}): AsyncGenerator<TimelineEntry> {
    // The deadline is for the opening alone: a stream may be silent for hours. The caller's signal counts for all of it.
    const gaveUp = new AbortController()
    const whole = signal ? AbortSignal.any([gaveUp.signal, signal]) : gaveUp.signal
    const work = (opening: AbortSignal) => {
      opening.addEventListener('abort', () => gaveUp.abort(opening.reason), { once: true })
      return open('GET', path, 'text/event-stream', whole)
    }
    try {
      const { body } = await withDeadline(`GET ${path}`, timeoutMs, work, { signal, clock })
      for await (const data of readEvents(base, body)) yield parseAnswer(base, timelineEntrySchema, data)
    } catch (error) {
      if (!signal?.aborted) throw callError(base, error)
    }
  }

  return {
    status: (callOptions) => call('GET', apiPaths.status, statusSchema, callOptions),
    explain: (id, callOptions) => call('GET', apiPaths.target(id), targetExplanationSchema, callOptions),
    explainPool: (name, query, callOptions) =>
      call('GET', `${apiPaths.poolExplanation(name)}${search(query)}`, poolExplanationSchema, callOptions),
    checks: (callOptions) => call('GET', apiPaths.checks, checksSchema, callOptions),
    explainCheck: (name, callOptions) => call('GET', apiPaths.check(name), checkExplanationSchema, callOptions),
    explainService: (name, callOptions) => call('GET', apiPaths.service(name), serviceExplanationSchema, callOptions),
    report: (check, { outcome, detail, measures = {} }, callOptions) => {
      const measure = Object.entries(measures).map(([name, value]) => `${name}:${value}`)
      return call('POST', `${apiPaths.report(check)}${search({ outcome, detail, measure })}`, checkStatusSchema, callOptions)
    },
    drain: (id, { force, signal } = {}) =>
      call('POST', `${apiPaths.drain(id)}${search({ force: forced(force) })}`, targetStatusSchema, { signal }),
    undrain: (id, callOptions) => call('DELETE', apiPaths.drain(id), targetStatusSchema, callOptions),
    setPoolMaintenance: (pool, word, callOptions) =>
      call('POST', `${apiPaths.poolMaintenance(pool)}${search(word)}`, poolMaintenanceResultSchema, callOptions),
    endPoolMaintenance: (pool, callOptions) => call('DELETE', apiPaths.poolMaintenance(pool), poolMaintenanceResultSchema, callOptions),
    timeline: (query, callOptions) => call('GET', `${apiPaths.timeline}${search(query)}`, timelineSchema, callOptions),
    switchover: (service, moveOptions) => move(apiPaths.switchover(service), moveOptions),
    failover: (service, moveOptions) => move(apiPaths.failover(service), moveOptions),
    plan: (service, { to, ...callOptions } = {}) =>
      call('GET', `${apiPaths.plan(service)}${search({ to })}`, planAnswerSchema, callOptions),
    setWord: (word, because, { force, signal } = {}) =>
      call('PUT', `${apiPaths[word]}${search({ because, force: forced(force) })}`, peopleWordResultSchema, { signal }),
    liftWord: (word, callOptions) => call('DELETE', apiPaths[word], peopleWordResultSchema, callOptions),
    setSiteMaintenance: (site, { because, force }, { signal } = {}) =>
      call('PUT', `${apiPaths.siteMaintenance(site)}${search({ because, force: forced(force) })}`, siteWordResultSchema, {
        signal,
        longestMs: Math.max(timeoutMs, SITE_TIMEOUT_MS),
      }),
    liftSiteMaintenance: (site, { signal } = {}) =>
      call('DELETE', apiPaths.siteMaintenance(site), siteWordResultSchema, { signal, longestMs: Math.max(timeoutMs, SITE_TIMEOUT_MS) }),
    reload: ({ restart, signal } = {}) => {
      const longestMs = Math.max(timeoutMs, MOVE_TIMEOUT_MS)
      return call('POST', `${apiPaths.reload}${search({ restart: restart ? 'true' : undefined })}`, reloadResultSchema, {
        signal,
        longestMs,
      })
    },
    forceDns: (callOptions) => call('POST', apiPaths.dnsForce, dnsForceResultSchema, callOptions),
    events: (query, callOptions) => events(`${apiPaths.events}${search(query)}`, callOptions),
  }
}

function forced(force: boolean | undefined): string | undefined {
  return force ? 'true' : undefined
}

/** Whether the caller has ended the call: by the error itself, since an abort may also come after another end. */
function isAbort(error: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && (error === signal.reason || errorCode(error) === 'HOTSPARE_CORE_ABORTED')
}

function search(query: Readonly<Record<string, string | number | readonly string[] | undefined>> = {}): string {
  const set = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    for (const each of Array.isArray(value) ? value : [value]) if (each !== undefined) set.append(name, String(each))
  return set.size === 0 ? '' : `?${set.toString()}`
}
