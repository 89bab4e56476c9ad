import type { Channel } from '@hotspare/alert'
import { consoleChannel } from '@hotspare/alert/console'
import { smtpChannel } from '@hotspare/alert/smtp'
import { webhookChannel } from '@hotspare/alert/webhook'
import { assertNever, type Clock } from '@hotspare/core'
import type { Probe } from '@hotspare/health'
import { httpProbe } from '@hotspare/health/http'
import { tcpProbe } from '@hotspare/health/tcp'
import type { ChannelConfig, HealthConfig, HealthMethod, ServiceCheckConfig, TargetConfig } from './config/config.ts'

// Where a driver is chosen: what the file calls by name becomes a probe, an algorithm or a channel here, and nowhere else.

// In a file of its own, so that the worker need not load what sends mail.
export { algorithmFor } from './worker-drivers.ts'

/** A check with its address: of a service, or of a target of a pool, whose requests may have another method. */
type AddressedCheck = ServiceCheckConfig & { readonly method?: HealthMethod | undefined }

export function probeFor(target: TargetConfig, health: HealthConfig, clock: Clock): Probe {
  const addressed: AddressedCheck =
    health.type === 'http' ? { ...health, url: new URL(health.path, target.url).href } : { ...health, host: target.host, port: target.port }
  return checkProbe(addressed, clock)
}

export function checkProbe(check: AddressedCheck, clock: Clock): Probe {
  const { timeoutMs } = check
  switch (check.type) {
    case 'http':
      return httpProbe({
        url: check.url,
        method: check.method,
        headers: check.host === undefined ? check.headers : { ...check.headers, host: check.host },
        expectStatus: check.status,
        expectBody: check.body,
        timeoutMs,
        clock,
      })
    case 'tcp':
      return tcpProbe({ host: check.host, port: check.port, timeoutMs, clock })
    default:
      return assertNever(check)
  }
}

export function channelFor(
  channel: ChannelConfig,
  context: { readonly clock: Clock; readonly writeLine: (line: string) => void },
): Channel {
  const { clock, writeLine } = context
  switch (channel.type) {
    case 'webhook':
      return webhookChannel({ name: channel.name, url: channel.url, secret: channel.secret, headers: channel.headers, clock })
    case 'smtp':
      return smtpChannel({ name: channel.name, url: channel.url, from: channel.from, to: channel.to, clock })
    case 'console':
      return consoleChannel({ name: channel.name, write: writeLine })
    default:
      return assertNever(channel)
  }
}
