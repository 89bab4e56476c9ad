import { asCloudError, type CallBudget } from '@hotspare/cloud'
import { abortReason, type Clock, HotspareError, withDeadline } from '@hotspare/core'
import { dnsError } from './errors.ts'
import { checkReplacements } from './expressible.ts'
import { isWithin, readName } from './name.ts'
import type { CallOptions, ChangeOutcome, DnsCapabilities, DnsProvider, Reading, Replacement } from './provider.ts'
import type { RecordSetName } from './record-set.ts'

/** What makes one provider different from another. */
export interface ZoneDriver {
  readonly id: string
  /** As `canonicalName` writes it. */
  readonly zone: string
  readonly capabilities: DnsCapabilities
  readonly clock: Clock
  /** How long a reading or a change may take as a whole, however many calls it is made of, in milliseconds. */
  readonly callMs: number
  /** Charged, and told of failures, by whatever sends the calls: `CloudHttp` does. */
  readonly budget: CallBudget
  /** The name is canonical, and of the zone. */
  read(question: RecordSetName, options: CallOptions): Promise<Reading>
  /** What cannot be expressed was refused already. */
  change(replacements: readonly Replacement[], options: CallOptions): Promise<ChangeOutcome>
  close?(): Promise<void>
}

/**
 * A driver, with what all providers promise alike kept before it: names come to it canonical and are of its zone, what it cannot
 * express is refused before anybody is asked, each reading and change is bounded in time and ends at once when it is given up, nothing
 * is asked after it was closed, and what is thrown is a `CloudError` or an error of this package.
 */
export function zoneProvider(driver: ZoneDriver): DnsProvider {
  const { id, zone, capabilities, clock, callMs, budget } = driver
  let closing: Promise<void> | undefined

  async function bounded<T>(signal: AbortSignal, work: (options: CallOptions) => Promise<T>): Promise<T> {
    if (closing) throw dnsError('HOTSPARE_DNS_STOPPED', `${id}: it was closed`)
    try {
      return await withDeadline(id, callMs, (own) => work({ signal: own }), { signal, clock })
    } catch (thrown) {
      throw signal.aborted ? abortReason(signal) : asOurs(thrown, id)
    }
  }

  return {
    id,
    zone,
    capabilities,
    async read({ name: asked, type }, { signal }) {
      const name = readName(asked)
      if (name === undefined || !isWithin(name, zone)) {
        throw dnsError('HOTSPARE_DNS_UNSUPPORTED', `${id}: ${asked} is not in the zone ${zone}`)
      }
      return bounded(signal, (options) => driver.read({ name, type }, options))
    },
    async change(replacements, { signal }) {
      checkReplacements({ id, zone, capabilities }, replacements)
      return bounded(signal, (options) => driver.change(replacements, options))
    },
    waitMs: () => budget.waitMs(),
    close() {
      closing ??= driver.close?.() ?? Promise.resolve()
      return closing
    },
  }
}

/** What is no error of ours means that no usable answer came. */
function asOurs(thrown: unknown, who: string): HotspareError {
  return HotspareError.is(thrown) && /^HOTSPARE_DNS_(?!WIRE_)/.test(thrown.code) ? thrown : asCloudError(thrown, who)
}
