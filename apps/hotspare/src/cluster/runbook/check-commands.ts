import { assertNever } from '@hotspare/core'
import type { TimedInstruction } from '@hotspare/failover'
import type { ProbeConfig } from '../../config/config.ts'
import type { LocalProbe } from '../../config/config-probes.ts'

type Commands = Pick<TimedInstruction, 'manual' | 'verification'>

/** A check, as people type it: with what every machine has, and as close to the check as that goes. */
export function checkCommands(check: ProbeConfig): Commands {
  switch (check.type) {
    case 'http': {
      const { method, host, url, status, options } = check
      const words = [
        ...(method === undefined ? [] : [`-X ${method}`]),
        ...(options?.tls?.rejectUnauthorized === false ? ['-k'] : []),
        ...(host === undefined ? [] : [`-H ${quoted(`Host: ${host}`)}`]),
        quoted(url),
      ]
      return said(`curl -sS -o /dev/null -m 5 -w '%{http_code}\\n' ${words.join(' ')}`, statusPattern(status))
    }
    case 'websocket':
      return said(
        `curl -sS -o /dev/null -m 2 --http1.1 -w '%{http_code}\\n' -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: aG90c3BhcmUgaG90c3Bhcg==' ${quoted(check.url.replace(/^ws/, 'http'))} 2> /dev/null`,
        '^101$',
      )
    case 'metric':
      return said(`curl -sS -m 5 ${quoted(check.url)} | grep ${quoted(`^${check.options.series.replace(/\{.*$/s, '')}`)}`, '.')
    case 'icmp':
      return said(`ping -c 3 -w 5 ${quoted(check.host)} > /dev/null && echo answers`, '^answers$')
    case 'dns': {
      const { name, type, expectRcode } = check.options
      const server = `-p ${check.port ?? 53} ${quoted(`@${check.host}`)}`
      return said(`dig +time=2 +tries=1 ${server} ${quoted(name)} ${type}`, `status: ${expectRcode}`)
    }
    case 'exec':
    case 'system':
      return ofThisMachine(check)
    case 'tcp':
    case 'tls':
    case 'grpc':
    case 'smtp':
    case 'imap':
    case 'pop3':
    case 'ftp':
    case 'ssh':
    case 'redis':
    case 'memcached':
    case 'postgres':
    case 'mysql':
    case 'script':
    case 'agent':
      return said(`timeout 5 bash -c ${quoted(`: < /dev/tcp/${check.host}/${check.port ?? ''}`)} && echo open`, '^open$')
    default:
      return assertNever(check)
  }
}

function said(command: string, expect: string): Commands {
  return { manual: [command], verification: { command, expect } }
}

/** Without the variables of the check: some may be secrets. */
function ofThisMachine(check: LocalProbe): Commands {
  if (check.type === 'system') return said(lookCommand(check.options), '.')
  const { file, args, workingFolder } = check.options
  const command = `cd ${quoted(workingFolder)} && ${[file, ...args].map(quoted).join(' ')}`
  return { manual: [command], verification: { command: `(${command}) > /dev/null; echo $?`, expect: '^[01]$' } }
}

/** What people look at; the limits they have in mind. */
function lookCommand(what: Extract<LocalProbe, { readonly type: 'system' }>['options']): string {
  switch (what.what) {
    case 'cpu':
    case 'load':
      return 'uptime'
    case 'memory':
      return 'free -m'
    case 'disk':
      return `df -P ${quoted(what.path)}`
    case 'inodes':
      return `df -Pi ${quoted(what.path)}`
    case 'pressure':
      return `cat /proc/pressure/${what.resource}`
    case 'network':
      return `ip -s link show dev ${quoted(what.interface)}`
    case 'raid':
      return 'cat /proc/mdstat'
    case 'smart':
      return `smartctl -H ${quoted(what.device)}`
    case 'event-loop':
      return 'hotspare status'
    default:
      return assertNever(what)
  }
}

/** `200-299,304` as a pattern: every code that it names. */
function statusPattern(status: string): string {
  const codes = status.split(',').flatMap((part) => {
    const [first = '', last = first] = part.trim().split('-')
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index)
  })
  const whole = [1, 2, 3, 4, 5].filter((hundred) =>
    Array.from({ length: 100 }, (_, rest) => hundred * 100 + rest).every((code) => codes.includes(code)),
  )
  const single = codes.filter((code) => !whole.includes(Math.floor(code / 100)))
  return `^(${[...whole.map((hundred) => `${hundred}\\d\\d`), ...single].join('|')})$`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
