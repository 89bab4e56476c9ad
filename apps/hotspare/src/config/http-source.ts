import { headerNameProblem, headerValueProblem, httpProbeOptionsSchema, type ResolvedHttpProbeOptions } from '@hotspare/health/http'
import { z } from 'zod'
import type { FurtherHttpOptions, HttpProbeConfig, HttpTargetProbe } from './config-probes.ts'
import { defaults } from './defaults.ts'
import { fileKeys, judgedBy } from './file-keys.ts'
import { type ProbeSource, portKey, urlSchema, type Values } from './probe-sources.ts'
import { headersSchema, headerValueSchema, pathSchema, statusSchema, textSchema } from './schema-scalars.ts'
import { usualTimeoutMs } from './schema-watch.ts'

const probeHeadersSchema = headersSchema(
  (name) => (/^host$/i.test(name) ? 'the key "host" sets the Host header' : headerNameProblem(name)),
  headerValueProblem,
)

/** Without quotation marks YAML has numbers here. */
const versionSchema = z.union([z.enum(['1.1', '2', 'auto']), z.literal([1.1, 2]).transform(String)])

/** The keys are about the answer, except where they say `request`. */
const keys = fileKeys(httpProbeOptionsSchema, {
  elsewhere: { url: 'url', timeoutMs: 'timeout' },
  keys: {
    body: 'requestBody',
    expectStatus: 'status',
    expectHeaders: 'responseHeaders',
    expectBody: 'body',
    expectBodyPattern: 'bodyPattern',
    expectJson: 'json',
    followRedirects: 'redirects',
  },
  schemas: {
    headers: probeHeadersSchema.describe('Further headers of the request.'),
    expectStatus: statusSchema,
    expectBody: textSchema('text', 'ok'),
    httpVersion: versionSchema,
  },
})

const type = z.literal('http').describe('Sends a request and looks at the answer.')
const hostSchema = headerValueSchema('host name', 'shop.example.com', headerValueProblem).optional()

interface HttpValues extends Values {
  readonly host?: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

export const httpSource: ProbeSource<HttpProbeConfig> = {
  type: 'http',
  shape: {
    type,
    url: urlSchema({ schema: httpProbeOptionsSchema, scheme: 'http', path: '/healthz' }),
    host: hostSchema.describe('Value of the Host header. Default: that of the URL.'),
    ...keys.shape,
  },
  timeoutMs: usualTimeoutMs,
  read(values: HttpValues & { readonly url: string }, timeoutMs, context) {
    const { url, host } = values
    const judged = judge(values, url, timeoutMs, context)
    if (!judged) return undefined
    const { method, ...said } = saidOf(judged, values)
    return { type: 'http', url, ...(method === defaults.health.method ? {} : { method }), host, ...said, timeoutMs }
  },
}

export const httpTargetSource: ProbeSource<HttpTargetProbe & { readonly port?: number | undefined }> = {
  type: 'http',
  shape: {
    type,
    port: portKey,
    path: pathSchema.prefault(defaults.health.path).describe('Path and query of the request.'),
    host: hostSchema.describe('Value of the Host header. Default: that of the target.'),
    ...keys.shape,
  },
  timeoutMs: usualTimeoutMs,
  read(values: HttpValues & { readonly path: string; readonly port?: number }, timeoutMs, context) {
    const { path, port, host } = values
    const judged = judge(values, new URL(path, 'http://127.0.0.1').href, timeoutMs, context)
    return judged && { type: 'http', path, ...(port === undefined ? {} : { port }), host, ...saidOf(judged, values) }
  },
}

function judge(values: HttpValues, url: string, timeoutMs: number, context: z.RefinementCtx): ResolvedHttpProbeOptions | undefined {
  const { host, headers } = values
  const options = { ...keys.optionsOf(values), url, headers: host === undefined ? headers : { ...headers, host }, timeoutMs }
  return judgedBy(httpProbeOptionsSchema, options, keys, context)
}

function saidOf(judged: ResolvedHttpProbeOptions, { headers }: HttpValues) {
  const { method, expectStatus, expectBody } = judged
  const options = furtherOptions(judged)
  return { method, headers, status: String(expectStatus), body: expectBody, ...(options ? { options } : {}) }
}

const USUAL: ReadonlyMap<string, unknown> = new Map(Object.entries(httpProbeOptionsSchema.parse({ url: 'http://127.0.0.1/' })))
const WITH_OWN_PLACE: ReadonlySet<string> = new Set(['url', 'method', 'headers', 'expectStatus', 'expectBody', 'timeoutMs'])

/** So that a file says the same whether it writes a default out or not. */
function furtherOptions(judged: ResolvedHttpProbeOptions): FurtherHttpOptions | undefined {
  const further = Object.entries(judged).filter(
    ([name, value]) => !WITH_OWN_PLACE.has(name) && JSON.stringify(value) !== JSON.stringify(USUAL.get(name)),
  )
  return further.length === 0 ? undefined : Object.fromEntries(further)
}
