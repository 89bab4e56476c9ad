import type { Clock } from '@hotspare/core'
import { systemClock } from '@hotspare/core'
import { z } from 'zod'
import { probeDefaults } from './defaults.ts'
import { exchange } from './http-exchange.ts'
import { headerNameProblem, headerValueProblem } from './http-headers.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'
import { milliseconds } from './rules.ts'
import { runProbe } from './run-probe.ts'
import { parseStatusRanges } from './status-ranges.ts'

export { headerNameProblem, headerValueProblem } from './http-headers.ts'
export { parseStatusRanges } from './status-ranges.ts'
export type { StatusRange } from './status-ranges.ts'

/** How TLS is spoken with an `https:` target. */
export interface HttpProbeTlsOptions {
  /** `false` accepts any certificate: the probe then proves that something answers, not who. Default: true */
  readonly rejectUnauthorized?: boolean | undefined
  /** The name asked for (SNI) and checked in the certificate. Default: the `host` header, else the URL's host */
  readonly servername?: string | undefined
  /** Certificates to trust instead of Node's own list, PEM. */
  readonly ca?: string | undefined
}

/** What an HTTP probe asks, and what it expects. */
export interface HttpProbeOptions {
  /** `http:` or `https:`, without user and password (use `headers.authorization`). */
  readonly url: string
  /** Default: GET */
  readonly method?: 'GET' | 'HEAD' | 'OPTIONS' | undefined
  /** Added to the request; `host` may be set too. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Statuses that pass: `200`, `"200-299"`, `"200-299,401"`. Default: "200-399" */
  readonly expectStatus?: string | number | undefined
  /** Must appear, byte for byte, within the first `maxBodyBytes` of the body. */
  readonly expectBody?: string | undefined
  /** One deadline over name, connection, TLS, header and body, in milliseconds. Default: 500 */
  readonly timeoutMs?: number | undefined
  /** A body is read up to this size; the rest is left. Default: 65,536 */
  readonly maxBodyBytes?: number | undefined
  /** A longer header fails. Default: 16,384 */
  readonly maxHeaderBytes?: number | undefined
  readonly tls?: HttpProbeTlsOptions | undefined
}

/** {@link HttpProbeOptions} with the defaults filled in. */
export interface ResolvedHttpProbeOptions {
  readonly url: string
  readonly method: 'GET' | 'HEAD' | 'OPTIONS'
  readonly headers: Readonly<Record<string, string>>
  readonly expectStatus: string | number
  readonly expectBody?: string | undefined
  readonly timeoutMs: number
  readonly maxBodyBytes: number
  readonly maxHeaderBytes: number
  readonly tls: HttpProbeTlsOptions
}

export const httpProbeOptionsSchema: z.ZodType<ResolvedHttpProbeOptions, HttpProbeOptions> = z
  .strictObject({
    url: z.string().max(8_192).superRefine(refineWith(urlProblem)),
    method: z.enum(['GET', 'HEAD', 'OPTIONS']).default(probeDefaults.method),
    headers: z.record(z.string(), z.string()).superRefine(refineWith(headersProblem)).default({}),
    expectStatus: z
      .union([z.int(), z.string()])
      .refine((value) => parseStatusRanges(String(value)) !== undefined, {
        message: 'must be statuses from 100 to 599 like 200, "200-299" or "200-299,401"',
      })
      .default(probeDefaults.expectStatus),
    expectBody: z.string().min(1).optional(),
    timeoutMs: milliseconds.default(probeDefaults.timeoutMs),
    maxBodyBytes: z.int().min(1).max(16_777_216).default(probeDefaults.maxBodyBytes),
    maxHeaderBytes: z.int().min(256).max(1_048_576).default(probeDefaults.maxHeaderBytes),
    tls: z
      .strictObject({
        rejectUnauthorized: z.boolean().optional(),
        servername: z.string().min(1).max(255).optional(),
        ca: z.string().min(1).optional(),
      })
      .default({}),
  })
  .refine((options) => options.method !== 'HEAD' || options.expectBody === undefined, {
    path: ['expectBody'],
    message: 'an answer to HEAD has no body',
  })

/**
 * One HTTP/1.1 request on a connection of its own: a kept connection would prove that the target was alive, not that it
 * still accepts. Redirects are not followed: the target that redirects is the one that was asked about.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function httpProbe(options: HttpProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock = systemClock, ...rest } = options
  const settings = parseOptions('httpProbe', httpProbeOptionsSchema, rest)
  const { timeoutMs } = settings
  const url = new URL(settings.url)
  // Without the query: a token may stand in it.
  const address = `${url.origin}${url.pathname}`
  const order = {
    ...settings,
    url,
    expectStatusText: String(settings.expectStatus),
    expectStatus: parseStatusRanges(String(settings.expectStatus)) ?? [],
    expectBody: settings.expectBody === undefined ? undefined : Buffer.from(settings.expectBody),
  }
  return {
    type: 'http',
    address,
    timeoutMs,
    run: ({ signal } = {}) => runProbe({ what: `http probe of ${address}`, timeoutMs, clock, signal }, (run) => exchange(order, run)),
  }
}

function urlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'must be a URL like http://10.0.0.11:8080/healthz'
  const { protocol, username, password } = new URL(text)
  if (protocol !== 'http:' && protocol !== 'https:') return 'must begin with http:// or https://'
  return username || password ? 'must not hold a user or a password: set headers.authorization' : undefined
}

function headersProblem(headers: Readonly<Record<string, string>>): string | undefined {
  for (const [name, value] of Object.entries(headers)) {
    const problem = headerNameProblem(name) ?? headerValueProblem(value)
    if (problem !== undefined) return `"${name}": ${problem}`
  }
  return undefined
}

function refineWith<Value>(problemOf: (value: Value) => string | undefined): (value: Value, context: z.RefinementCtx) => void {
  return (value, context) => {
    const message = problemOf(value)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  }
}
