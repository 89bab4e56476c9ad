import { degraded, failed, passed } from '../failure.ts'
import { type Dialogue, readLine, sendFarewell } from './moves.ts'

/** RFC 4253 4.2 allows 255; lines before the version have no limit there. */
const MAX_LINE_BYTES = 1_024
const MAX_LINES = 20

export function* sshDialogue(): Dialogue {
  for (let count = 0; count < MAX_LINES; count += 1) {
    const line = yield* readLine('the version of the server', MAX_LINE_BYTES)
    // OpenSSH's own words for being at MaxStartups, and for PerSourcePenalties: it lives, and takes no more for now.
    if (/^(?:Exceeded MaxStartups|Not allowed at this time)/.test(line)) return degraded(`the server takes no more logins: ${line}`)
    const [, version] = /^SSH-(\d{1,3}\.\d{1,3})-/.exec(line) ?? []
    if (version === undefined) continue
    // 1.99: both 2.0 and 1.x (RFC 4253 5.1).
    if (version !== '2.0' && version !== '1.99') return failed('unexpected', `the server speaks SSH ${version} only`)
    yield* sendFarewell('SSH-2.0-Hotspare\r\n')
    return passed(line)
  }
  return failed('protocol', `no version of SSH within ${MAX_LINES} lines`)
}
