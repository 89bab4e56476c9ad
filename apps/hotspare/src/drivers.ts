import type { Channel } from '@hotspare/alert'
import { consoleChannel } from '@hotspare/alert/console'
import { smtpChannel } from '@hotspare/alert/smtp'
import { webhookChannel } from '@hotspare/alert/webhook'
import { assertNever, type Clock } from '@hotspare/core'
import type { Probe } from '@hotspare/health'
import { agentProbe } from '@hotspare/health/agent'
import { all, any, atLeast } from '@hotspare/health/compose'
import { dnsProbe } from '@hotspare/health/dns'
import { execProbe } from '@hotspare/health/exec'
import { ftpProbe } from '@hotspare/health/ftp'
import { grpcProbe } from '@hotspare/health/grpc'
import { httpProbe, type HttpProbeOptions } from '@hotspare/health/http'
import { icmpProbe } from '@hotspare/health/icmp'
import { imapProbe } from '@hotspare/health/imap'
import { memcachedProbe } from '@hotspare/health/memcached'
import { metricProbe } from '@hotspare/health/metric'
import { mysqlProbe } from '@hotspare/health/mysql'
import { pop3Probe } from '@hotspare/health/pop3'
import { postgresProbe } from '@hotspare/health/postgres'
import { type PushCheck, pushCheck, type RememberedPushReport } from '@hotspare/health/push'
import { redisProbe } from '@hotspare/health/redis'
import { scriptProbe } from '@hotspare/health/script'
import { smtpProbe } from '@hotspare/health/smtp'
import { sshProbe } from '@hotspare/health/ssh'
import { systemProbe } from '@hotspare/health/system'
import { tcpProbe } from '@hotspare/health/tcp'
import { tlsProbe } from '@hotspare/health/tls'
import { websocketProbe } from '@hotspare/health/websocket'
import type { AgentConfig, ChannelConfig, CheckConfig, HealthConfig, ProbeConfig, TargetConfig } from './config/config.ts'
import type { ComposedProbeConfig, HttpProbeConfig } from './config/config-probes.ts'
import { probeAt } from './config/probe-at.ts'

// Where a driver is chosen: what the file calls by name becomes a probe, an algorithm or a channel here, and nowhere else.

// In a file of its own, so that the worker need not load what sends mail.
export { algorithmFor } from './worker-drivers.ts'

export function probeFor(target: TargetConfig, health: HealthConfig, clock: Clock): Probe {
  return checkProbe(probeAt(target, health), clock)
}

/** The agent beside a target. Only what it says counts: its silence is inconclusive. */
export function agentFor(target: TargetConfig, { port, timeoutMs, options }: AgentConfig, clock: Clock): Probe {
  return agentProbe({ ...options, host: target.host, port, timeoutMs, clock })
}

/** A check, and where it is told instead of asking, the end for the job. */
export function openCheck(
  check: CheckConfig,
  { clock, remembered }: { readonly clock: Clock; readonly remembered?: RememberedPushReport | undefined },
): { readonly probe: Probe; readonly push: PushCheck | undefined } {
  if (check.type === 'push') {
    const push = pushCheck({ name: check.name, ttlMs: check.ttlMs, graceMs: check.graceMs, remembered, clock })
    return { probe: push.probe, push }
  }
  return { probe: 'parts' in check ? composedProbe(check, clock) : checkProbe(check, clock), push: undefined }
}

function composedProbe({ type, count, parts, timeoutMs, options }: ComposedProbeConfig, clock: Clock): Probe {
  const probes = Object.fromEntries(parts.map(({ name, probe }) => [name, checkProbe(probe, clock)]))
  const how = { ...options, timeoutMs, clock }
  switch (type) {
    case 'all':
      return all(probes, how)
    case 'any':
      return any(probes, how)
    case 'atLeast':
      return atLeast(count, probes, how)
    default:
      return assertNever(type)
  }
}

/** Any probe that has its address. */
export function checkProbe(check: ProbeConfig, clock: Clock): Probe {
  switch (check.type) {
    case 'http':
      return httpProbe({ ...httpOptions(check), clock })
    case 'tcp':
      return tcpProbe({ ...at(check), clock })
    case 'tls':
      return tlsProbe({ ...check.options, ...at(check), clock })
    case 'websocket':
      return websocketProbe({ ...check.options, ...whose(check), clock })
    case 'grpc':
      return grpcProbe({ ...check.options, ...at(check), clock })
    case 'dns': {
      const { host: server, ...rest } = at(check)
      return dnsProbe({ ...check.options, ...rest, server, clock })
    }
    case 'smtp':
      return smtpProbe({ ...check.options, ...at(check), clock })
    case 'imap':
      return imapProbe({ ...check.options, ...at(check), clock })
    case 'pop3':
      return pop3Probe({ ...check.options, ...at(check), clock })
    case 'ftp':
      return ftpProbe({ ...check.options, ...at(check), clock })
    case 'ssh':
      return sshProbe({ ...check.options, ...at(check), clock })
    case 'redis':
      return redisProbe({ ...check.options, ...at(check), clock })
    case 'memcached':
      return memcachedProbe({ ...check.options, ...at(check), clock })
    case 'postgres':
      return postgresProbe({ ...check.options, ...at(check), clock })
    case 'mysql':
      return mysqlProbe({ ...check.options, ...at(check), clock })
    case 'script':
      return scriptProbe({ ...check.options, ...at(check), clock })
    case 'icmp':
      return icmpProbe({ ...check.options, host: check.host, timeoutMs: check.timeoutMs, clock })
    case 'agent':
      return agentProbe({ ...check.options, ...at(check), clock })
    case 'metric':
      return metricProbe({ ...check.options, ...whose(check), clock })
    case 'exec':
      return execProbe({ ...check.options, timeoutMs: check.timeoutMs, clock })
    case 'system':
      return systemProbe({ ...check.options, timeoutMs: check.timeoutMs, clock })
    default:
      return assertNever(check)
  }
}

function httpOptions({ url, method, host, headers, status, body, timeoutMs, options }: HttpProbeConfig): HttpProbeOptions {
  const allHeaders = host === undefined ? headers : { ...headers, host }
  return { ...options, url, method, headers: allHeaders, expectStatus: status, expectBody: body, timeoutMs }
}

/** Address and deadline, as the packages call them. */
function at<Port>({ host, port, timeoutMs }: { readonly host: string; readonly port: Port; readonly timeoutMs: number }) {
  return { host, port, timeoutMs }
}

function whose({ url, timeoutMs }: { readonly url: string; readonly timeoutMs: number }) {
  return { url, timeoutMs }
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
