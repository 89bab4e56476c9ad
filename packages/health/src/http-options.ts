import { z } from 'zod'
import { alpnSchema, type ConnectTo, connectToSchema, type ProbeTlsOptions, serverFields, tlsField } from './connection-options.ts'
import { probeDefaults } from './defaults.ts'
import { type HeaderExpectation, headerExpectation } from './http/header-expectation.ts'
import { type JsonRule, type JsonScalar, parseJsonPointer } from './http/json-expectation.ts'
import { headersField, refineWith, urlField } from './http-fields.ts'
import { isHeaderName } from './http-headers.ts'
import { compilePattern, patternSchema } from './pattern.ts'
import { parseStatusRanges } from './status-ranges.ts'

/** `GET` and the like. */
export type HttpProbeMethod = 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT'

/** What an HTTP probe asks, and what it expects. */
export interface HttpProbeOptions {
  /** `http:` or `https:`, without user and password (use `headers.authorization`). */
  readonly url: string
  /** Default: GET */
  readonly method?: HttpProbeMethod | undefined
  /** Added to the request; `host` may be set too. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Sent with POST or PUT. */
  readonly body?: string | undefined
  /** Statuses that pass: `200`, `"200-299"`, `"200-299,401"`. Default: "200-399" */
  readonly expectStatus?: string | number | undefined
  /**
   * Statuses that make a target degraded, where they do not pass; `false`: none. Default: 429, a server that answers, and has
   * enough of the questions. 503 fails, with Retry-After or without.
   */
  readonly degradedStatus?: string | number | false | undefined
  /** Header fields that the answer must have: a text that the value equals, or `/pattern/` that is found in it. */
  readonly expectHeaders?: Readonly<Record<string, string>> | undefined
  /** Must appear, byte for byte, within the first `maxBodyBytes` of the body. */
  readonly expectBody?: string | undefined
  /** Must be found within the first `maxBodyBytes` of the body: RE2's syntax, which is JavaScript's without back-references and look-around. */
  readonly expectBodyPattern?: string | undefined
  /** Values in a JSON body, by JSON Pointer (RFC 6901): `{ "/status": "UP", "/queue/depth": { max: 100 } }`. */
  readonly expectJson?: Readonly<Record<string, JsonScalar | JsonRule>> | undefined
  /** Redirects that are followed at most; the answer that is judged is then the last. Default: 0 */
  readonly followRedirects?: number | undefined
  /** `auto`: what the server prefers over TLS, 1.1 without. `2` without TLS: with prior knowledge. Default: 1.1 */
  readonly httpVersion?: '1.1' | '2' | 'auto' | undefined
  /** Protocols offered in TLS (ALPN), the best first; an empty list offers none. Default: by `httpVersion` */
  readonly alpn?: readonly string[] | undefined
  /** Which addresses of a name are used. Default: whichever answers first */
  readonly family?: 4 | 6 | undefined
  /** Where to connect to instead of the URL's host and port; the Host header and TLS stay those of the URL. */
  readonly connectTo?: ConnectTo | undefined
  /** One deadline over names, connections, TLS, headers and bodies, in milliseconds. Default: 500 */
  readonly timeoutMs?: number | undefined
  /** A body is read up to this size; the rest is left. Default: 65,536 */
  readonly maxBodyBytes?: number | undefined
  /** A longer header fails. Default: 16,384 */
  readonly maxHeaderBytes?: number | undefined
  /** Warns where a certificate that the server sends ends in less than this many days; 0: never. Default: 14 */
  readonly warnDaysLeft?: number | undefined
  /** How TLS is spoken with an `https:` target. */
  readonly tls?: ProbeTlsOptions | undefined
}

/** {@link HttpProbeOptions} with the defaults filled in. */
export interface ResolvedHttpProbeOptions extends HttpProbeOptions {
  readonly method: HttpProbeMethod
  readonly headers: Readonly<Record<string, string>>
  readonly expectStatus: string | number
  readonly degradedStatus: string | number | false
  readonly followRedirects: number
  readonly httpVersion: '1.1' | '2' | 'auto'
  readonly timeoutMs: number
  readonly maxBodyBytes: number
  readonly maxHeaderBytes: number
  readonly warnDaysLeft: number
  readonly tls: ProbeTlsOptions
}

const statuses = z.union([z.int(), z.string()]).refine((value) => parseStatusRanges(String(value)) !== undefined, {
  message: 'must be statuses from 100 to 599 like 200, "200-299" or "200-299,401"',
})

const jsonScalar: z.ZodType<JsonScalar, JsonScalar> = z.union([z.string().max(1_000), z.number(), z.boolean(), z.null()])

const jsonRule: z.ZodType<JsonRule, JsonRule> = z.strictObject({
  equals: jsonScalar.optional().describe('The value.'),
  oneOf: z.array(jsonScalar).min(1).max(100).optional().describe('The values that are allowed.'),
  min: z.number().optional().describe('The smallest number that is allowed.'),
  max: z.number().optional().describe('The largest number that is allowed.'),
})

/** HTTP/2 has no place for these (RFC 9113, section 8.2.2). */
const NOT_IN_HTTP2 = new Set(['http2-settings', 'keep-alive', 'proxy-connection', 'te'])

const optionShape = {
  url: urlField('http', 'http://10.0.0.11:8080/healthz'),
  method: z.enum(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']).default(probeDefaults.method).describe('The method of the request.'),
  headers: headersField(),
  body: z.string().max(65_536).optional().describe('The body of a POST or PUT.'),
  expectStatus: statuses.default(probeDefaults.expectStatus).describe('Statuses that pass.'),
  degradedStatus: z
    .union([z.literal(false), statuses])
    .default(probeDefaults.degradedStatus)
    .describe('Statuses that make the target degraded, where they do not pass; false: none.'),
  expectHeaders: z
    .record(z.string(), z.string().max(1_000))
    .superRefine(refineWith(expectedHeadersProblem))
    .optional()
    .describe('Header fields of the answer: a text that the value equals, or /pattern/ that is found in it.'),
  expectBody: z.string().min(1).optional().describe('A text that the body must contain.'),
  expectBodyPattern: patternSchema.optional().describe('A pattern (RE2) that must be found in the body.'),
  expectJson: z
    .record(z.string(), z.union([jsonScalar, jsonRule]))
    .superRefine(refineWith(expectedJsonProblem))
    .optional()
    .describe('Values in a JSON body, by JSON Pointer: the value itself, or equals, oneOf, min, max.'),
  followRedirects: z.int().min(0).max(10).default(probeDefaults.followRedirects).describe('Redirects that are followed at most.'),
  httpVersion: z.enum(['1.1', '2', 'auto']).default(probeDefaults.httpVersion).describe('The version of HTTP.'),
  alpn: alpnSchema.optional().describe('Protocols offered in TLS (ALPN), the best first; by default those of httpVersion.'),
  family: serverFields.family,
  connectTo: connectToSchema.optional(),
  timeoutMs: serverFields.timeoutMs,
  maxBodyBytes: z.int().min(1).max(16_777_216).default(probeDefaults.maxBodyBytes).describe('A body is read up to here.'),
  maxHeaderBytes: z.int().min(256).max(1_048_576).default(probeDefaults.maxHeaderBytes).describe('A longer header fails.'),
  warnDaysLeft: z
    .int()
    .min(0)
    .max(3_650)
    .default(probeDefaults.warnDaysLeft)
    .describe('Warns where a certificate ends in less than this many days; 0: never.'),
  tls: tlsField,
}

export const httpProbeOptionsSchema: z.ZodType<ResolvedHttpProbeOptions, HttpProbeOptions> = z
  .strictObject(optionShape)
  .superRefine((options, context) => {
    for (const [path, message] of contradictions(options)) context.addIssue({ code: 'custom', path: [path], message })
  })

/** Options that are right by themselves and not together, each with what is wrong. */
function contradictions(options: ResolvedHttpProbeOptions): readonly (readonly [string, string])[] {
  const { method, headers, body, httpVersion, alpn, expectBodyPattern, maxBodyBytes, maxHeaderBytes } = options
  const found: [string, string][] = []
  if (method === 'HEAD') {
    for (const name of ['expectBody', 'expectBodyPattern', 'expectJson'] as const) {
      if (options[name] !== undefined) found.push([name, 'an answer to HEAD has no body'])
    }
  }
  if (body !== undefined && method !== 'POST' && method !== 'PUT') found.push(['body', 'only POST and PUT send one'])
  if (httpVersion === '1.1' && alpn?.includes('h2')) found.push(['alpn', 'h2 needs httpVersion 2 or auto'])
  if (httpVersion === '2' && alpn && !alpn.includes('h2')) found.push(['alpn', 'must hold h2 where httpVersion is 2'])
  if (httpVersion !== '1.1' && Object.keys(headers).some((name) => NOT_IN_HTTP2.has(name.toLowerCase()))) {
    found.push(['headers', `HTTP/2 has none of ${[...NOT_IN_HTTP2].join(', ')}`])
  }
  // The time of a search grows with the text.
  const longestBody = expectBodyPattern === undefined ? Infinity : (compilePattern(expectBodyPattern)?.longestText ?? Infinity)
  if (maxBodyBytes > longestBody) found.push(['maxBodyBytes', `at most ${longestBody} where this pattern is searched`])
  const longestHeader = Math.min(...headerExpectations(options).map(({ longestText }) => longestText))
  if (maxHeaderBytes > longestHeader) found.push(['maxHeaderBytes', `at most ${longestHeader} where these patterns are searched`])
  return found
}

/** The header fields that the answer must have. */
export function headerExpectations({ expectHeaders = {} }: Pick<HttpProbeOptions, 'expectHeaders'>): readonly HeaderExpectation[] {
  return Object.entries(expectHeaders).flatMap(([name, text]) => headerExpectation(name, text) ?? [])
}

function expectedHeadersProblem(headers: Readonly<Record<string, string>>): string | undefined {
  for (const [name, expected] of Object.entries(headers)) {
    if (!isHeaderName(name)) return `"${name}": no header has such a name`
    if (!headerExpectation(name, expected)) return `"${name}": must be a text or a pattern (RE2) between slashes`
  }
  return undefined
}

function expectedJsonProblem(expected: Readonly<Record<string, unknown>>): string | undefined {
  const wrong = Object.keys(expected).find((pointer) => parseJsonPointer(pointer) === undefined)
  return wrong === undefined ? undefined : `"${wrong}": must be a JSON Pointer like /status`
}
