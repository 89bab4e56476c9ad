import { agentProbeOptionsSchema } from '@hotspare/health/agent'
import { z } from 'zod'
import type { AgentConfig } from './config.ts'
import { defaults } from './defaults.ts'
import { fileKeys } from './file-keys.ts'
import { durationSchema } from './schema-scalars.ts'
import { usualTimeoutMs } from './schema-watch.ts'

/** An agent beside the probe of a pool, before the pace of that probe is known. */
export interface AgentValues {
  readonly port: number
  readonly send?: string | undefined
  readonly interval?: number | undefined
  readonly timeout?: number | undefined
}

/** The host is the target's; and that silence means nothing is what such an agent is for. */
const keys = fileKeys(agentProbeOptionsSchema, { elsewhere: { host: 'port', unreachable: 'port', timeoutMs: 'timeout' } })

export const agentSchema: z.ZodType<AgentValues> = z
  .strictObject({
    ...keys.shape,
    interval: durationSchema('50ms', '1h')
      .optional()
      .describe('From the start of one question to the start of the next. Default: that of the probe.'),
    timeout: durationSchema('10ms', '1m')
      .optional()
      .describe(
        `An agent without an answer is left alone after this. Default: ${defaults.health.timeout}, or the interval where that is shorter.`,
      ),
  })
  .pipe(z.transform((values: AgentValues): AgentValues => values))

export function agentConfigOf({ port, send, interval, timeout }: AgentValues, probeIntervalMs: number): AgentConfig {
  const intervalMs = interval ?? probeIntervalMs
  return {
    port,
    intervalMs,
    timeoutMs: timeout ?? Math.min(intervalMs, usualTimeoutMs),
    options: { unreachable: 'ignore', ...(send === undefined ? {} : { send }) },
  }
}
