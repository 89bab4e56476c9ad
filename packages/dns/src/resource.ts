import { Emitter, type EventSource } from '@hotspare/core'
import type { Resource } from '@hotspare/core/plan'
import type { DnsRecordEvent } from './reconcile-events.ts'
import { dnsInstruction } from './resource/instruction.ts'
import type { DnsResourceOptions } from './resource/options.ts'
import { RecordMover } from './resource/record-mover.ts'
import { parseDnsResource } from './resource/schema.ts'
import { dnsError } from './errors.ts'

export type { DnsRecordEvent } from './reconcile-events.ts'
export type { ServedCheck } from './reconcile-served.ts'
export { awsByHand, consoleByHand, gcloudByHand, nsupdateByHand } from './resource/by-hand.ts'
export type { ByHand, HandMade, NsupdateOptions } from './resource/by-hand.ts'
export type { DnsResourceOptions } from './resource/options.ts'

/** A record that follows; its events come out of `subscribe`. */
export interface DnsResource extends Resource, EventSource<DnsRecordEvent> {
  /** Ends what is under way; the record stays as it is, and the provider open. Idempotent. */
  close(): Promise<void>
}

/**
 * A record of DNS as something that follows a service's active member. Beside it stands an owner record, which says who has claimed
 * it by which token: both change under the right's token, in one step where the provider has that, and an older token is refused.
 *
 * It is never emptied: `release` leaves the last value, which is what resolvers have anyway, and gives up the claim alone. The next
 * `acquire` moves it.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS` that names what is wrong, also what the provider cannot have
 */
export function dnsResource(options: DnsResourceOptions): DnsResource {
  const parsed = parseDnsResource(options)
  const { provider, name, type, follows, byHand, nameServer, allowedMs, clock } = parsed
  const emitter = new Emitter<DnsRecordEvent>()
  const id = `dns ${name} ${type} at ${provider.id}`
  const mover = new RecordMover(parsed, (event) =>
    emitter.emit({ ...event, at: clock.wallMs(), name, recordType: type, provider: provider.id }),
  )
  return {
    id,
    allowedMs,
    instruction(verb, node) {
      const set = follows.get(node)
      if (!set) throw dnsError('HOTSPARE_DNS_OPTIONS', `${id}: it has nothing for ${node}`)
      return dnsInstruction(verb, { zone: provider.zone, set, byHand, nameServer })
    },
    prepare: () => mover.prepare(),
    observe: (call) => mover.observe(call?.signal),
    acquire: (right, call) => mover.acquire(right, call?.signal),
    release: (call) => mover.release(call?.signal),
    subscribe: (listener) => emitter.subscribe(listener),
    close: () => mover.close(),
  }
}
