import { BlockList, isIP } from 'node:net'
import { problemOfRedirect, type RedirectStatus } from '@hotspare/proxy/routes'
import { z } from 'zod'
import type { Reading } from './addresses.ts'
import type { ErrorPageConfig, MaintenanceConfig, RouteConfig, RouteTarget, StaleConfig } from './config-routes.ts'
import { defaults, limits } from './defaults.ts'
import { sizeSchema } from './schema-limits.ts'
import { countSchema, durationSchema, headersSchema, headerValueSchema, nameSchema, readable, textSchema } from './schema-scalars.ts'

export interface RouteInput {
  readonly host?: string | undefined
  readonly path?: string | undefined
  readonly methods?: string[] | undefined
  readonly headers?: Record<string, string> | undefined
  readonly pool?: string | undefined
  readonly maintenance?: boolean | undefined
  readonly redirect?: RedirectInput | undefined
  readonly answer?: AnswerInput | undefined
}

interface RedirectInput {
  readonly to?: string | undefined
  readonly keepPath?: boolean | undefined
  readonly https?: true | undefined
  readonly port?: number | undefined
  readonly status?: RedirectStatus | undefined
}

interface AnswerInput {
  readonly status: number
  readonly body?: string | undefined
  readonly contentType?: string | undefined
}

/** What the schema has of a page before its file has been read. */
type ParsedErrorPage = Omit<ErrorPageConfig, 'html'>
export type ErrorPagesInput = Record<string, string>
export type MaintenanceInput =
  | boolean
  | { readonly on?: boolean | undefined; readonly allow?: string[] | undefined; readonly retryAfter?: string | undefined }
export interface StaleInput {
  readonly for: string
  readonly maxEntries?: number | undefined
  readonly maxBytes?: string | undefined
}

const LONGEST_BODY = 65_536
const MEBIBYTE = 1_048_576

/** In words that a header can carry. */
const lineSchema = (title: string, example: string) =>
  headerValueSchema(title, example, (text) => (/^[\u0020-\u007e]+$/.test(text) ? undefined : 'one line in ASCII, not empty'))

const redirectSchema = z
  .strictObject({
    to: readable((text): Reading<string> => ({ ok: true, value: text }), {
      title: 'address',
      examples: ['https://new.example.org', '/here'],
    })
      .optional()
      .describe('Where it leads: a URL, or a path of the same host.'),
    keepPath: z.boolean().prefault(false).describe('Whether path and query of the request follow behind `to`.'),
    https: z.literal(true).optional().describe('The same host and path by HTTPS, instead of `to`.'),
    port: countSchema(1, 65_535).optional().describe('The port of HTTPS, where it is not 443.'),
    status: z
      .union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)])
      .prefault(308)
      .describe('301 and 308 are remembered by browsers; 307 and 308 keep the method.'),
  })
  .superRefine(({ to, keepPath, https, port }, context) => {
    const wrong = (path: string[], message: string) => context.addIssue({ code: 'custom', message, path, params: { isWhole: true } })
    if ((to === undefined) === (https === undefined)) wrong([], 'a redirect has either "to" or "https: true"')
    else if (to === undefined) {
      if (keepPath) wrong(['keepPath'], 'a redirect to https always keeps the path')
    } else {
      if (port !== undefined) wrong(['port'], 'the port belongs to "https"; that of "to" stands in its URL')
      const problem = problemOfRedirect({ to, keepPath })
      if (problem !== undefined) wrong(['to'], problem)
    }
  })
  .transform(({ to, keepPath, port, status }): RouteTarget => ({
    type: 'redirect',
    redirect: to === undefined ? { https: { port }, status } : { to, keepPath, status },
  }))

const answerSchema = z
  .strictObject({
    status: countSchema(200, 599).describe('Not 204, 205 or 304 where there is a body.'),
    body: z.string().max(LONGEST_BODY).prefault('').describe('Default: nothing.'),
    contentType: lineSchema('media type', 'text/plain').prefault(defaults.routes.contentType).describe('What the body is.'),
  })
  .superRefine(({ status, body }, context) => {
    if (body === '' || ![204, 205, 304].includes(status)) return
    context.addIssue({ code: 'custom', message: `an answer with ${status} has no body`, path: ['body'], params: { isWhole: true } })
  })
  .transform((answer): RouteTarget => ({ type: 'answer', ...answer }))

const nameProblem = (name: string): string | undefined =>
  /^[\w!#$%&'*+.^`|~-]{1,100}$/.test(name) ? undefined : 'a name of a header, without spaces'
const valueProblem = (value: string): string | undefined => (/^[\u0020-\u007e]*$/.test(value) ? undefined : 'one line in ASCII')

const LEADS = ['pool', 'redirect', 'answer'] as const

const routeSchema: z.ZodType<RouteConfig, RouteInput> = z
  .strictObject({
    host: textSchema('host', 'shop.example.org')
      .optional()
      .describe('`*.example.org` is every name below, one label or more. Without a port. Default: every host.'),
    path: textSchema('path', '/api')
      .optional()
      .describe('The beginning of the path, by whole segments: `/api` is not `/apix`. Default: every path.'),
    methods: z.array(textSchema('method', 'GET')).optional().describe('Default: every method. GET is HEAD, too.'),
    headers: headersSchema(nameProblem, valueProblem).optional().describe('Values that headers must have. Default: none.'),
    pool: nameSchema.optional().describe('The pool that answers.'),
    maintenance: z
      .boolean()
      .optional()
      .describe('Whether this part of the site is being worked on. Only beside `pool`. Default: as its pool.'),
    redirect: redirectSchema.optional().describe('Sends the client elsewhere.'),
    answer: answerSchema.optional().describe('A fixed answer.'),
  })
  .superRefine((route, context) => {
    const given = LEADS.filter((key) => route[key] !== undefined)
    const wrong = (path: string[], message: string) => context.addIssue({ code: 'custom', message, path, params: { isWhole: true } })
    if (given.length !== 1) wrong([], 'a route leads to one of "pool", "redirect" and "answer"')
    else if (route.maintenance !== undefined && route.pool === undefined)
      wrong(['maintenance'], 'only a route to a pool can be in maintenance')
  })
  .transform(({ pool, maintenance = false, redirect, answer, ...match }) => ({
    ...match,
    to: redirect ?? answer ?? { type: 'pool', pool: pool ?? '', maintenance },
  }))

export const routesSchema: z.ZodType<RouteConfig[], RouteInput[]> = z.array(routeSchema).max(limits.proxyRoutes)

const pageFileSchema: z.ZodType<string, string> = textSchema('file', '/etc/hotspare/503.html')

export const errorPagesSchema: z.ZodType<ParsedErrorPage[], ErrorPagesInput> = z
  .record(z.string().regex(/^(?:maintenance|[45]\d\d)$/, { error: 'a status from 400 to 599, or "maintenance"' }), pageFileSchema)
  .transform((pages) => Object.entries(pages).map(([name, file]) => ({ for: name === 'maintenance' ? name : Number(name), file })))

const { maintenance } = defaults.routes

/** `10.0.0.0/8`, or one address. */
const networkSchema: z.ZodType<string, string> = readable(readNetwork, { title: 'network', examples: ['10.0.0.0/8', '192.0.2.7'] })

function readNetwork(text: string): Reading<string> {
  const [, address = '', bits] = /^([^/]+?)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const family = isIP(address)
  const longest = family === 4 ? 32 : 128
  const length = Number(bits ?? longest)
  if (family === 0 || length > longest) return { ok: false, hint: 'an address, or a network like 10.0.0.0/8 or fd00::/8' }
  try {
    new BlockList().addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6')
  } catch {
    return { ok: false, hint: 'an address without a zone, or a network like fd00::/8' }
  }
  return { ok: true, value: `${address}/${length}` }
}

const maintenanceMapping = z.strictObject({
  on: z
    .boolean()
    .prefault(false)
    .describe('Whether it is now, until the file says otherwise. `hotspare maintenance POOL on` needs no change of it.'),
  allow: z.array(networkSchema).max(limits.networks).prefault([]).describe('Clients that get through all the same, to try what was done.'),
  retryAfter: durationSchema('1s', '7d')
    .prefault(maintenance.retryAfter)
    .describe('When clients are told to come again, where nobody has said how long it takes.'),
})

export const maintenanceSchema: z.ZodType<MaintenanceConfig, MaintenanceInput> = z
  .union([z.boolean(), maintenanceMapping])
  .transform((given): MaintenanceConfig => {
    if (typeof given !== 'boolean') return { on: given.on, allow: given.allow, retryAfterMs: given.retryAfter }
    return { on: given, allow: [], retryAfterMs: maintenance.retryAfterMs }
  })

export const staleSchema: z.ZodType<StaleConfig, StaleInput> = z
  .strictObject({
    for: durationSchema('1s', '24d').describe('How old an answer may be that is served, from when a target gave it.'),
    maxEntries: countSchema(1, 1_000_000)
      .prefault(defaults.routes.stale.maxEntries)
      .describe('How many answers each proxy keeps of the pool.'),
    maxBytes: sizeSchema({ least: MEBIBYTE, most: 4_096 * MEBIBYTE })
      .prefault(defaults.routes.stale.maxBytes)
      .describe('How much memory they take in each proxy.'),
  })
  .transform(({ for: forMs, ...rest }) => ({ forMs, ...rest }))
