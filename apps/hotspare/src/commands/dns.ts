import { systemClock } from '@hotspare/core'
import { formatListen } from '../config/addresses.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { managedRecords } from '../dns/managed-records.ts'
import { Zones } from '../dns/zones.ts'
import { type CommandContext, type ExitCode, usageError } from './context.ts'
import { apply } from './dns/apply.ts'
import { doctor } from './dns/doctor.ts'
import { plan } from './dns/plan.ts'
import { verify } from './dns/verify.ts'

export type DnsAction = 'plan' | 'apply' | 'verify' | 'doctor'

export interface DnsCommandOptions {
  readonly config: string
  readonly json?: boolean | undefined
  /** doctor: whether a probe may be written. */
  readonly write?: boolean | undefined
  /** apply: whether records are changed that are there already. */
  readonly force?: boolean | undefined
}

/** `hotspare dns`: the records of a file at those who keep them, without a daemon. */
export async function dns(action: DnsAction, options: DnsCommandOptions, context: CommandContext): Promise<ExitCode> {
  const { env, hostname, signal } = context
  const { config } = await loadConfig(options.config, { env, hostname, signal })
  const records = managedRecords(config)
  if (records.length === 0) throw usageError(`${options.config} has no record at a provider: ${whatIsThere(config)}`)
  const zones = new Zones(systemClock)
  try {
    switch (action) {
      case 'plan':
        return await plan(records, zones, options, context)
      case 'apply':
        return await apply(records, zones, options, context)
      case 'verify':
        return await verify(records, zones, options, context)
      case 'doctor':
        return await doctor(records, zones, options, context)
    }
  } finally {
    await zones.close()
  }
}

function whatIsThere({ dns: own }: Pick<Config, 'dns'>): string {
  return own?.server
    ? `ask the server in Hotspare itself, with dig, at ${own.server.listen.map(formatListen).join(', ')}`
    : 'write dns.records, or a resource of type dns'
}
