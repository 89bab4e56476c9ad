import { proxyDefaults } from '@hotspare/proxy'
import { z } from 'zod'
import type { ProxyLimits } from './config.ts'
import { defaults } from './defaults.ts'
import { countSchema, durationSchema, readable } from './schema-scalars.ts'
import { readSize, type SizeBounds } from './sizes.ts'

export interface ProxyLimitsInput {
  readonly headers?: string | undefined
  readonly body?: string | undefined
  readonly headersTimeout?: string | undefined
  readonly connections?: number | undefined
  readonly requests?: number | undefined
  readonly connectionsPerTarget?: number | undefined
  readonly waitingPerTarget?: number | undefined
}

const KIBIBYTE = 1_024
/** More descriptors than a process has. */
const MOST_CONNECTIONS = 1_000_000

/** A number of bytes. */
export function sizeSchema(bounds: SizeBounds): z.ZodType<number, string> {
  return readable((text) => readSize(text, bounds), { title: 'size', examples: ['16KiB', '10MiB'] })
}

const { limits } = defaults.proxy

/** What one proxy takes on at most; what is beyond is refused, and nothing waits without end. */
export const proxyLimitsSchema: z.ZodType<ProxyLimits, ProxyLimitsInput> = z
  .strictObject({
    headers: sizeSchema({ least: KIBIBYTE, most: KIBIBYTE * KIBIBYTE })
      .prefault(limits.headers)
      .describe('Largest head of a message, either way. A request with a larger one is answered 431.'),
    body: sizeSchema({ least: 0, most: 1_024 * KIBIBYTE ** 3 })
      .optional()
      .describe('Largest body of a request; a larger one is answered 413. Default: bodies of any size.'),
    headersTimeout: durationSchema('1ms', '1h')
      .prefault(limits.headersTimeout)
      .describe('Until the head of a request is complete; then 408.'),
    connections: countSchema(1, MOST_CONNECTIONS)
      .prefault(limits.connections)
      .describe('Open connections of clients, idle ones included. A further one is closed at once.'),
    requests: countSchema(1, MOST_CONNECTIONS).prefault(limits.requests).describe('Requests under way. A further one is answered 503.'),
    connectionsPerTarget: countSchema(1, MOST_CONNECTIONS)
      .prefault(limits.connectionsPerTarget)
      .describe(
        'Connections to one target, each with one request at a time. A request past it waits for a free one, as long as `timeouts.firstByte`.',
      ),
    waitingPerTarget: countSchema(0, MOST_CONNECTIONS)
      .prefault(limits.waitingPerTarget)
      .describe('Requests that wait for a connection to one target. A further one goes to another target, or is answered 503.'),
  })
  .transform(({ headers, body, headersTimeout, connections, requests, connectionsPerTarget, waitingPerTarget }) => ({
    maxHeaderBytes: headers,
    maxBodyBytes: body ?? proxyDefaults.maxBodyBytes,
    headersTimeoutMs: headersTimeout,
    maxConnections: connections,
    maxRequests: requests,
    maxConnectionsPerTarget: connectionsPerTarget,
    maxWaitingPerTarget: waitingPerTarget,
  }))
