import { normalize } from 'node:path'
import type { ParsedProxy } from './schema-proxies.ts'
import type { Finding } from './problem.ts'

/** Two formats in one file: no program could read it. */
export function accessLogContradictions({ proxies }: { readonly proxies: readonly (ParsedProxy | undefined)[] }): Finding[] {
  return proxies.flatMap((proxy, index) => {
    const log = proxy?.accessLog
    if (!log) return []
    const other = proxies
      .slice(0, index)
      .findIndex((each) => each?.accessLog && sameFile(each.accessLog.file, log.file) && each.accessLog.format !== log.format)
    if (other === -1) return []
    return [
      {
        path: ['proxies', index, 'accessLog'],
        message: `proxies[${other}] writes another format to the same file`,
        hint: 'give one of them another "file", or both the same "format"',
      },
    ]
  })
}

function sameFile(one: string, other: string): boolean {
  return normalize(one) === normalize(other)
}
