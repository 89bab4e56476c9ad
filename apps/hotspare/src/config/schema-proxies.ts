import { z } from 'zod'
import { formatDuration, parseDuration } from '@hotspare/core'
import { formatListen } from './addresses.ts'
import type { ErrorPageConfig, ForwardedPolicy, ProxyConfig } from './config.ts'
import { defaults } from './defaults.ts'
import { type AccessLogInput, accessLogSchema } from './schema-access-log.ts'
import { type ProxyLimitsInput, proxyLimitsSchema } from './schema-limits.ts'
import { type ErrorPagesInput, errorPagesSchema, type RouteInput, routesSchema } from './schema-routes.ts'
import { tcpConfigOf, tcpIdleMs, type TcpInput, tcpShape, tcpTimeoutsShape, type TcpTimeoutsInput } from './schema-proxies-tcp.ts'
import { countSchema, durationSchema, listenSchema, nameSchema } from './schema-scalars.ts'
import { type TlsInput, tlsSchema } from './schema-tls.ts'

export interface ProxyInput extends TcpInput {
  readonly name?: string | undefined
  readonly listen: string
  readonly pool?: string | undefined
  readonly routes?: RouteInput[] | undefined
  readonly errorPages?: ErrorPagesInput | undefined
  readonly attempts?: number | undefined
  readonly timeouts?: ProxyTimeoutsInput | undefined
  readonly forwarded?: ForwardedPolicy | undefined
  readonly limits?: ProxyLimitsInput | undefined
  readonly tls?: TlsInput | undefined
  readonly accessLog?: AccessLogInput | undefined
}

interface ProxyTimeoutsInput extends TcpTimeoutsInput {
  readonly connect?: string | undefined
  readonly firstByte?: string | undefined
  readonly answer?: string | undefined
  readonly idle?: string | undefined
  readonly drain?: string | undefined
}

const { proxy } = defaults

/** A proxy before its pages have been read. */
export interface ParsedProxy extends Omit<ProxyConfig, 'errorPages'> {
  readonly errorPages: readonly Omit<ErrorPageConfig, 'html'>[]
}

export const proxySchema: z.ZodType<ParsedProxy, ProxyInput> = z
  .strictObject({
    name: nameSchema.optional().describe('Unique in the file. Default: the listen address.'),
    listen: listenSchema.describe('Where clients connect. `:8080` is every address of the machine; port 0 takes a free one.'),
    pool: nameSchema
      .optional()
      .describe('The pool that answers; where there are `routes`, what none of them takes. Without it, that is answered 404.'),
    routes: routesSchema
      .prefault([])
      .describe(
        'Which requests go elsewhere than to `pool`. The most specific one holds, wherever it stands: host, then path, then conditions.',
      ),
    errorPages: errorPagesSchema
      .prefault({})
      .describe('Files of HTML, up to 64 KiB, by status, for what the proxy itself says no to: `503`, `502`; and `maintenance`.'),
    attempts: countSchema(1, 10).prefault(proxy.attempts).describe('Tries per request, the first included.'),
    timeouts: z
      .strictObject({
        connect: durationSchema('1ms', '1m').prefault(proxy.connect).describe('Until a target accepts a connection.'),
        firstByte: durationSchema('1ms', '1h').prefault(proxy.firstByte).describe('From the request to the head of the answer.'),
        answer: durationSchema('1ms', '1d')
          .optional()
          .describe('From the end of a request to the first byte that its client gets, over all attempts. Default: twice `firstByte`'),
        idle: durationSchema('1ms', '1d')
          .optional()
          .describe(
            `Silence within an answer, or both ways with \`mode: tcp\`. Default: ${proxy.idle}, or ${formatDuration(tcpIdleMs)} with \`mode: tcp\``,
          ),
        ...tcpTimeoutsShape,
        drain: durationSchema('0s', '1h').prefault(proxy.drain).describe('How long a stopping proxy lets requests finish.'),
      })
      .prefault({})
      .describe('How long the proxy waits.'),
    forwarded: z
      .enum(['replace', 'append'])
      .prefault(proxy.forwarded)
      .describe('`replace` believes no client about X-Forwarded-*; `append` is for a proxy behind a trusted one.'),
    limits: proxyLimitsSchema.prefault({}).describe('What the proxy takes on at most.'),
    tls: tlsSchema.optional().describe('TLS and HTTP/2 in front. Default: neither, clients speak HTTP in the clear.'),
    ...tcpShape,
    accessLog: accessLogSchema.optional().describe('One line for each request. Default: none is written.'),
  })
  .transform(({ name, timeouts, mode, proxyProtocol, serverNames, closeOnDown, ...rest }) => ({
    ...rest,
    name: name ?? formatListen(rest.listen),
    timeouts: {
      connectMs: timeouts.connect,
      firstByteMs: timeouts.firstByte,
      answerMs: timeouts.answer,
      idleMs: timeouts.idle ?? (mode === 'tcp' ? tcpIdleMs : parseDuration(proxy.idle)),
      drainMs: timeouts.drain,
    },
    ...(mode === 'tcp' ? { tcp: tcpConfigOf({ proxyProtocol, serverNames, closeOnDown }, timeouts) } : {}),
  }))
