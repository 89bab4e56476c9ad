import { certificateMeasures, certificateWarning, type SentCertificate } from './certificate.ts'
import { failed, type Finding, passed } from './failure.ts'

/** The versions of TLS that there are, the oldest first. */
export const TLS_VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const
export type TlsVersion = (typeof TLS_VERSIONS)[number]

/** What a handshake showed. */
export interface TlsFacts {
  /** `TLSv1.3`, as Node writes it. */
  readonly version: string
  /** The protocol agreed on (ALPN), or undefined. */
  readonly alpn: string | undefined
  /** The certificates that the server sent, its own first. */
  readonly chain: readonly SentCertificate[]
  /** Why they are not to be trusted, or undefined. */
  readonly distrust: string | undefined
}

/** What it should show. */
export interface TlsExpectations {
  readonly rejectUnauthorized: boolean
  readonly minVersion: TlsVersion
  /** The protocols offered, of which one must be agreed on; none offered: none expected. */
  readonly alpn: readonly string[]
  readonly warnDays: readonly number[]
}

/** Judges a handshake that came to its end. */
export function judgeTls(facts: TlsFacts, expectations: TlsExpectations, nowMs: number): Finding {
  const { version, alpn, chain } = facts
  const measures = certificateMeasures(chain, nowMs)
  const problem = trustProblem(facts, expectations, nowMs)
  if (problem !== undefined) return failed('tls', problem, { measures })
  if (!isAtLeast(version, expectations.minVersion)) {
    return failed('tls', `the server agrees on ${version}, expected at least ${expectations.minVersion}`, { measures })
  }
  if (expectations.alpn.length > 0 && (alpn === undefined || !expectations.alpn.includes(alpn))) {
    return failed('unexpected', `${version}, but no protocol was agreed on of ${expectations.alpn.join(', ')}`, { measures })
  }
  const warning = certificateWarning(chain, expectations.warnDays, nowMs)
  const protocol = alpn === undefined ? '' : `, ${alpn}`
  // Where one that nobody needs has ended, the others last on: the warning names it.
  const lasting = certificateMeasures(
    chain.filter(({ endsAtMs }) => endsAtMs > nowMs),
    nowMs,
  )
  const days = Math.floor(lasting['chain-days'] ?? 0)
  return passed(`${version}${protocol}, the certificates last ${days} more days`, {
    measures,
    ...(warning === undefined ? {} : { warning }),
  })
}

function trustProblem({ chain, distrust }: TlsFacts, { rejectUnauthorized }: TlsExpectations, nowMs: number): string | undefined {
  const [own] = chain
  if (!own) return 'the server sends no certificate'
  // What is not on a trusted way may have ended without harm (an old root that is sent along): the warning names it. Where nothing
  // is verified, nobody knows the way.
  const ended = (rejectUnauthorized ? [own] : chain).find(({ endsAtMs }) => endsAtMs <= nowMs)
  if (ended) return `the certificate of ${ended.name} ended on ${new Date(ended.endsAtMs).toISOString().slice(0, 10)}`
  return rejectUnauthorized && distrust !== undefined ? `the certificate is not to be trusted: ${distrust}` : undefined
}

function isAtLeast(version: string, least: TlsVersion): boolean {
  const versions: readonly string[] = TLS_VERSIONS
  return versions.indexOf(version) >= versions.indexOf(least)
}
