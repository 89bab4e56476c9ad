import { createInterface } from 'node:readline'
import type { TsigKey } from '@hotspare/dns-wire'
import { createAnswering } from '../answering.ts'
import type { DnsProvider } from '../provider.ts'
import { rfc2136Zone } from '../providers/rfc2136.ts'

/**
 * A node of a test: one record at several name servers. Before each call, and once a change is under way, it says where it is, as a
 * line of JSON `{ label, step }`, and waits for a line with that label; at its end it says `{ done: true }`. Whoever started it may kill it at any of these.
 */
export interface NodeOrder {
  readonly zone: string
  readonly name: string
  readonly servers: Readonly<Record<string, { readonly address: string; readonly port: number; readonly key: TsigKey }>>
  /** Values by target, and which of the targets are up. */
  readonly targets: Readonly<Record<string, string>>
  readonly up: readonly string[]
}

const order = JSON.parse(process.argv[2] ?? '{}') as NodeOrder
const waiting = new Map<string, () => void>()
createInterface(process.stdin).on('line', (label) => waiting.get(label)?.())

function step(label: string, name: string): Promise<void> {
  return new Promise((resolve) => {
    waiting.set(label, resolve)
    process.stdout.write(`${JSON.stringify({ label, step: name })}\n`)
  })
}

function announced(label: string, provider: DnsProvider): DnsProvider {
  return {
    ...provider,
    async read(question, options) {
      await step(label, 'is read')
      return provider.read(question, options)
    },
    async change(replacements, options) {
      await step(label, 'is about to be changed')
      const change = provider.change(replacements, options)
      change.catch(() => {})
      await step(label, 'is being changed')
      const outcome = await change
      await step(label, 'was changed')
      return outcome
    },
  }
}

const providers = Object.fromEntries(
  Object.entries(order.servers).map(([label, { address, port, key }]) => [
    label,
    announced(label, rfc2136Zone({ zone: order.zone, server: { address, port }, key })),
  ]),
)
const answering = createAnswering({
  providers,
  name: order.name,
  type: 'A',
  ttlSeconds: 30,
  targets: Object.entries(order.targets).map(([id, value]) => ({ id, values: [value] })),
})
await answering.start()
for (const id of Object.keys(order.targets)) answering.report(id, order.up.includes(id) ? 'up' : 'down')
await answering.reconcile()
process.stdout.write(`${JSON.stringify({ done: true })}\n`)
await answering.stop()
for (const provider of Object.values(providers)) await provider.close()
process.exit(0)
