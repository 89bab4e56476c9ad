import type { Clock } from '@hotspare/core'
import { systemClock } from '@hotspare/core'
import { exchange, type HttpOrder } from './http-exchange.ts'
import { headerExpectations, type HttpProbeOptions, httpProbeOptionsSchema, type ResolvedHttpProbeOptions } from './http-options.ts'
import { type JsonRule, type JsonScalar, parseJsonPointer } from './http/json-expectation.ts'
import { http1Text, type HttpRequest } from './http/request.ts'
import { lowerCaseNames } from './http-headers.ts'
import { parseOptions } from './options.ts'
import { compilePattern } from './pattern.ts'
import type { Probe } from './probe.ts'
import { runProbe } from './run-probe.ts'
import { parseStatusRanges } from './status-ranges.ts'

export { headerNameProblem, headerValueProblem } from './http-headers.ts'
export { httpProbeOptionsSchema } from './http-options.ts'
export type { HttpProbeMethod, HttpProbeOptions, ResolvedHttpProbeOptions } from './http-options.ts'
export type { JsonRule, JsonScalar } from './http/json-expectation.ts'
export { parseStatusRanges } from './status-ranges.ts'
export type { StatusRange } from './status-ranges.ts'

const ALPN_OF_VERSION: Readonly<Record<ResolvedHttpProbeOptions['httpVersion'], readonly string[]>> = {
  '1.1': ['http/1.1'],
  '2': ['h2'],
  auto: ['h2', 'http/1.1'],
}

/**
 * One request on a connection of its own: a kept connection would prove that the target was alive, not that it still accepts.
 * Redirects are not followed unless that is asked for: the target that redirects is the one that was asked about.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function httpProbe(options: HttpProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock = systemClock, ...rest } = options
  const settings = parseOptions('httpProbe', httpProbeOptionsSchema, rest)
  const { timeoutMs } = settings
  const order = orderOf(settings, clock)
  const { url } = order.request
  // Without the query: a token may stand in it.
  const address = `${url.origin}${url.pathname}`
  const what = `http probe of ${address}`
  return {
    type: 'http',
    address,
    timeoutMs,
    run: ({ signal } = {}) => runProbe({ what, timeoutMs, clock, signal }, (run) => exchange(order, run)),
  }
}

/** What is the same for every run, worked out once. */
function orderOf(settings: ResolvedHttpProbeOptions, clock: Clock): HttpOrder {
  const { httpVersion, tls, degradedStatus, expectBody, expectBodyPattern, expectJson } = settings
  const request: HttpRequest = {
    method: settings.method,
    url: new URL(settings.url),
    headers: lowerCaseNames(settings.headers),
    body: settings.body === undefined ? undefined : Buffer.from(settings.body),
    connectTo: settings.connectTo ?? {},
    servername: tls.servername,
  }
  return {
    request,
    text: http1Text(request),
    httpVersion,
    alpn: settings.alpn ?? ALPN_OF_VERSION[httpVersion],
    family: settings.family,
    followRedirects: settings.followRedirects,
    maxHeaderBytes: settings.maxHeaderBytes,
    maxBodyBytes: settings.maxBodyBytes,
    warnDaysLeft: settings.warnDaysLeft,
    tls,
    clock,
    expectStatusText: String(settings.expectStatus),
    expectStatus: parseStatusRanges(String(settings.expectStatus)) ?? [],
    degradedStatus: degradedStatus === false ? [] : (parseStatusRanges(String(degradedStatus)) ?? []),
    expectHeaders: headerExpectations(settings),
    expectBody: expectBody === undefined ? undefined : Buffer.from(expectBody),
    expectBodyPattern: expectBodyPattern === undefined ? undefined : compilePattern(expectBodyPattern),
    expectJson: expectJson && Object.entries(expectJson).map(([pointer, rule]) => expectation(pointer, rule)),
  }
}

function expectation(pointer: string, rule: JsonScalar | JsonRule): NonNullable<HttpOrder['expectJson']>[number] {
  const isRule = typeof rule === 'object' && rule !== null
  return { pointer, path: parseJsonPointer(pointer) ?? [], rule: isRule ? rule : { equals: rule } }
}
