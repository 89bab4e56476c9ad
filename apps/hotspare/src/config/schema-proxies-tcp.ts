import { formatDuration } from '@hotspare/core'
import { tcpProxyDefaults } from '@hotspare/proxy/tcp'
import { z } from 'zod'
import { bad, good, type Reading } from './addresses.ts'
import type { ServerNameConfig, TcpConfig } from './config-tcp.ts'
import { limits } from './defaults.ts'
import { durationSchema, nameSchema, readable } from './schema-scalars.ts'

/** The keys of `mode: tcp`, as a file writes them. */
export interface TcpInput {
  readonly mode?: 'http' | 'tcp' | undefined
  readonly proxyProtocol?: 'v1' | 'v2' | undefined
  readonly serverNames?: { readonly name: string; readonly pool: string }[] | undefined
  readonly closeOnDown?: boolean | undefined
}

export interface TcpTimeoutsInput {
  readonly hello?: string | undefined
  readonly halfClose?: string | undefined
}

const SERVER_NAME = /^(?=.{1,253}$)(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/

const serverNameSchema = readable(
  (text): Reading<string> => {
    const name = text.trim().toLowerCase()
    if (name.includes('*') && !name.startsWith('*.')) return bad('a "*" stands for the first labels alone, as in *.example.org')
    if (/^[\d.]+$/.test(name) || name.includes(':')) return bad('TLS asks for names alone, without a port; an address has none')
    return SERVER_NAME.test(name) ? good(name) : bad('a host name, or *.example.org for every name below')
  },
  { title: 'server name', examples: ['db.example.org'] },
)

const serverNamesSchema: z.ZodType<ServerNameConfig[], NonNullable<TcpInput['serverNames']>> = z
  .array(
    z.strictObject({
      name: serverNameSchema.describe('What the TLS of a client asks for (SNI). `*.example.org` is every name below, one label or more.'),
      pool: nameSchema.describe('The pool that answers.'),
    }),
  )
  .min(1)
  .max(limits.proxyRoutes)

/** How long to wait where the file does not say. */
export const tcpIdleMs: number = tcpProxyDefaults.idleTimeoutMs

export const tcpShape: {
  readonly mode: z.ZodPrefault<z.ZodEnum<{ http: 'http'; tcp: 'tcp' }>>
  readonly proxyProtocol: z.ZodOptional<z.ZodEnum<{ v1: 'v1'; v2: 'v2' }>>
  readonly serverNames: z.ZodOptional<typeof serverNamesSchema>
  readonly closeOnDown: z.ZodOptional<z.ZodBoolean>
} = {
  mode: z
    .enum(['http', 'tcp'])
    .prefault('http')
    .describe('`tcp` hands bytes on as they come: databases, mail, TLS that targets end themselves.'),
  proxyProtocol: z
    .enum(['v1', 'v2'])
    .optional()
    .describe(
      'With `mode: tcp`: tells targets who the client is, with the header of the PROXY protocol. They must expect it. Default: none is sent.',
    ),
  serverNames: serverNamesSchema
    .optional()
    .describe(
      'With `mode: tcp`: pools by the name that the TLS of a client asks for; `pool` is for all others. Clients without TLS are then refused.',
    ),
  closeOnDown: z
    .boolean()
    .optional()
    .describe('With `mode: tcp`: whether connections to a target that goes down are reset, so that clients connect anew. Default: false'),
}

export const tcpTimeoutsShape: Readonly<Record<'hello' | 'halfClose', z.ZodOptional<ReturnType<typeof durationSchema>>>> = {
  hello: durationSchema('1ms', '1m')
    .optional()
    .describe(
      `With \`serverNames\`: until a client has said which one it wants. Default: ${formatDuration(tcpProxyDefaults.helloTimeoutMs)}`,
    ),
  halfClose: durationSchema('1ms', '1d')
    .optional()
    .describe(`With \`mode: tcp\`: silence once one side is done. Default: ${formatDuration(tcpProxyDefaults.halfCloseTimeoutMs)}`),
}

interface TcpValues {
  readonly proxyProtocol?: 'v1' | 'v2' | undefined
  readonly serverNames?: ServerNameConfig[] | undefined
  readonly closeOnDown?: boolean | undefined
}

export function tcpConfigOf(
  { proxyProtocol, serverNames = [], closeOnDown = tcpDefaults.closeOnDown }: TcpValues,
  timeouts: { readonly hello?: number | undefined; readonly halfClose?: number | undefined },
): TcpConfig {
  const { hello = tcpProxyDefaults.helloTimeoutMs, halfClose = tcpProxyDefaults.halfCloseTimeoutMs } = timeouts
  return { helloMs: hello, halfCloseMs: halfClose, proxyProtocol, serverNames, closeOnDown }
}

/** A target that is only slow for a moment keeps its connections. */
const tcpDefaults = { closeOnDown: false }
