import { abortReason, errorCode, errorText } from '@hotspare/core'
import type { DnsProvider, Reading } from '../provider.ts'
import type { RecordSet } from '../record-set.ts'
import { recordSet } from '../value.ts'
import type { ServedReport } from '../verify/report.ts'
import type { Finding } from './finding.ts'
import { judgeProbe } from './judge-probe.ts'
import { isProbe, probeName, probeText } from './probe-name.ts'

export interface ProbeOptions {
  readonly provider: DnsProvider
  readonly wallMs: () => number
  /** Looks whether the name servers have it. */
  readonly verify: (set: RecordSet) => Promise<ServedReport>
  readonly serialsBefore: ReadonlyMap<string, number>
  /** How long calls of the provider may take, each; it bounds them itself. */
  readonly signal: AbortSignal
}

export interface ProbeOutcome {
  readonly findings: readonly Finding[]
  readonly served: ServedReport | undefined
}

/** Resolvers need not keep it for longer; most providers have such a TTL. */
const PROBE_TTL_SECONDS = 60

/**
 * Writes a TXT record at a name of its own, looks who serves it, and removes it. A name that holds anything else is left alone.
 *
 * @throws the reason of the signal
 */
export async function writeProbe(options: ProbeOptions): Promise<ProbeOutcome> {
  const { provider, signal } = options
  const name = probeName(provider.zone)
  const where = `${name} TXT`
  const [reading] = await Promise.allSettled([provider.read({ name, type: 'TXT' }, { signal })])
  if (signal.aborted) throw abortReason(signal)
  if (reading.status === 'rejected') return only(refused(where, textOf(reading.reason)))
  const before = reading.value
  if (before.set && !isProbe(before.set.values)) {
    const what = 'there is a record at the name of the probe that is none of ours'
    return only({
      code: 'probe-name-taken',
      severity: 'warning',
      where,
      what,
      fix: 'remove it, if nobody needs it: the doctor leaves it alone',
    })
  }
  const [written] = await Promise.allSettled([writeAndLook(options, before)])
  // Also where the change failed: it may have been done all the same.
  const left = await removeProbe(provider, signal)
  if (signal.aborted) throw abortReason(signal)
  const outcome = written.status === 'fulfilled' ? written.value : only(refused(where, textOf(written.reason)))
  return left ? { ...outcome, findings: [...outcome.findings, left] } : outcome
}

async function writeAndLook(options: ProbeOptions, before: Reading): Promise<ProbeOutcome> {
  const { provider, verify, serialsBefore, wallMs, signal } = options
  const { name } = before
  const set = recordSet({ name, type: 'TXT', ttlSeconds: probeTtl(provider), values: [probeText(wallMs())] })
  const changed = await provider.change([{ expected: before, next: set }], { signal })
  if (changed.kind === 'conflict') return only(refused(`${name} TXT`, 'somebody else changed the same name at the same time'))
  const { set: readBack } = await provider.read({ name, type: 'TXT' }, { signal })
  const served = await verify(set)
  return { findings: judgeProbe(provider.zone, { provider: provider.id, set, readBack, served, serialsBefore }), served }
}

/** @returns a finding where the record may still be there */
async function removeProbe(provider: DnsProvider, signal: AbortSignal): Promise<Finding | undefined> {
  // Somebody who gives up wants the record gone too: the provider bounds its calls by itself.
  const call = { signal: signal.aborted ? new AbortController().signal : signal }
  const name = probeName(provider.zone)
  const left = (what: string): Finding => {
    return { code: 'probe-left', severity: 'warning', where: `${name} TXT`, what, fix: 'remove it by hand; the next run does it too' }
  }
  try {
    const current = await provider.read({ name, type: 'TXT' }, call)
    if (!current.set || !isProbe(current.set.values)) return undefined
    const changed = await provider.change([{ expected: current, next: undefined }], call)
    return changed.kind === 'applied' ? undefined : left('somebody else changed it while it was being removed')
  } catch (error) {
    return left(`it could not be removed: ${errorText(error)}`)
  }
}

function probeTtl({ capabilities: { minimumTtlSeconds, ttlSteps } }: DnsProvider): number {
  return ttlSteps?.[0] ?? Math.max(PROBE_TTL_SECONDS, minimumTtlSeconds)
}

function textOf(error: unknown): string {
  return [errorCode(error), errorText(error)].filter(Boolean).join(': ')
}

function refused(where: string, what: string): Finding {
  return {
    code: 'probe-refused',
    severity: 'error',
    where,
    what: `the provider did not accept a change: ${what}`,
    fix: 'a failover would end the same way: look at the credentials, their rights, and limits of the provider',
  }
}

function only(finding: Finding): ProbeOutcome {
  return { findings: [finding], served: undefined }
}
