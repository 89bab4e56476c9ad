import { writeSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import type { TsigKey } from '@hotspare/dns-wire'
import { applyChange } from '../../apply-change.ts'
import type { DnsProvider } from '../../provider.ts'
import type { RecordSet } from '../../record-set.ts'
import { rfc2136Zone } from '../rfc2136.ts'

/** What the parent tells it on its standard input. */
export interface ControllerOrder {
  readonly zone: string
  readonly server: { readonly address: string; readonly port: number }
  readonly key: TsigKey
  readonly node: string
  readonly token: number
  readonly set: RecordSet
}

const { zone, server, key, node, token, set } = JSON.parse(await text(process.stdin)) as ControllerOrder
const provider = rfc2136Zone({ zone, server, key, callMs: 60_000 })
let changes = 0
const announcing: DnsProvider = {
  ...provider,
  async change(replacements, options) {
    changes += 1
    if (changes === 1) {
      writeSync(1, 'about to change\n')
      // Between its last look at its right and the change; on from here once the parent has continued it.
      process.kill(process.pid, 'SIGSTOP')
    }
    return provider.change(replacements, options)
  },
}
// It believes in its right for long enough: what stops it is the server.
const outcome = await applyChange({ provider: announcing, desired: [set], claim: { node, token }, allowedMs: 300_000 })
writeSync(1, `${JSON.stringify({ outcome, changes })}\n`)
await provider.close()
