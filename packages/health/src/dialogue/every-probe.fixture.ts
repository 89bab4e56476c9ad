import type { Clock } from '@hotspare/core'
import { ftpProbe } from '../ftp.ts'
import { imapProbe } from '../imap.ts'
import { memcachedProbe } from '../memcached.ts'
import { mysqlProbe } from '../mysql.ts'
import { pop3Probe } from '../pop3.ts'
import { postgresProbe } from '../postgres.ts'
import type { Probe } from '../probe.ts'
import { redisProbe } from '../redis.ts'
import { scriptProbe } from '../script.ts'
import { smtpProbe } from '../smtp.ts'
import { sshProbe } from '../ssh.ts'
import { type Lines, wellServers } from './servers.fixture.ts'

export interface ProbeRow {
  readonly name: string
  readonly lines: Lines
  readonly probe: (target: { port: number; timeoutMs: number; host?: string; clock?: Clock }) => Probe
  /** Over TLS from the first byte on; left out for those that cannot. */
  readonly overTls?: (port: number, timeoutMs: number) => Probe
}

const host = '127.0.0.1'
const tls = { security: 'tls', tls: { rejectUnauthorized: false } } as const

/** Every probe that holds a dialogue, with a server that it is content with. */
export const everyProbe: readonly ProbeRow[] = [
  row(
    'smtp',
    (at) => smtpProbe(at),
    (at) => smtpProbe({ ...at, ...tls }),
  ),
  row(
    'imap',
    (at) => imapProbe(at),
    (at) => imapProbe({ ...at, ...tls }),
  ),
  row(
    'pop3',
    (at) => pop3Probe(at),
    (at) => pop3Probe({ ...at, ...tls }),
  ),
  row(
    'ftp',
    (at) => ftpProbe(at),
    (at) => ftpProbe({ ...at, ...tls }),
  ),
  row('ssh', (at) => sshProbe(at)),
  row(
    'memcached',
    (at) => memcachedProbe(at),
    (at) => memcachedProbe({ ...at, ...tls }),
  ),
  row(
    'redis',
    (at) => redisProbe(at),
    (at) => redisProbe({ ...at, ...tls }),
  ),
  row('mysql', (at) => mysqlProbe(at)),
  row('postgres', (at) => postgresProbe(at)),
  row(
    'script',
    (at) => scriptProbe({ ...at, steps: [{ expect: 'hello\r\n' }] }),
    (at) => scriptProbe({ ...at, ...tls, steps: [{ expect: 'hello\r\n' }] }),
  ),
]

interface At {
  readonly host: string
  readonly port: number
  readonly timeoutMs: number
  readonly clock?: Clock
}

function row(name: string, probe: (at: At) => Probe, overTls?: (at: At) => Probe): ProbeRow {
  return {
    name,
    lines: wellServers[name] ?? {},
    probe: (at) => probe({ host, ...at }),
    ...(overTls ? { overTls: (port, timeoutMs) => overTls({ host, port, timeoutMs }) } : {}),
  }
}
