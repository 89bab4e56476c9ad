import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { clipDetail } from '@hotspare/core'

/** A certificate that a server sent. */
export interface SentCertificate {
  /** Whose it is, for people: `shop.example`. */
  readonly name: string
  readonly endsAtMs: number
}

/** The longest chain that is looked at; real ones have two to four. */
const MAX_CHAIN = 10

const DAY_MS = 86_400_000

/** The certificates that the server sent, its own first; nothing that this machine adds to them. */
export function sentCertificates(socket: TLSSocket): readonly SentCertificate[] {
  const chain: SentCertificate[] = []
  let certificate: X509Certificate | undefined = socket.getPeerX509Certificate()
  while (certificate && chain.length < MAX_CHAIN) {
    chain.push({ name: nameOf(certificate), endsAtMs: endOf(certificate) })
    certificate = certificate.issuerCertificate
  }
  return chain
}

/** How long they last: the server's own, and the first of all to end. */
export function certificateMeasures(chain: readonly SentCertificate[], nowMs: number): Readonly<Record<string, number>> {
  const [own] = chain
  const first = firstToEnd(chain)
  if (!own || !first) return {}
  return { 'certificate-days': daysLeft(own, nowMs), 'chain-days': daysLeft(first, nowMs) }
}

/**
 * What people should know of a chain that still holds. The words change with the stage and not with each day, so that each
 * stage is told once.
 *
 * @param warnDays stages, in any order
 */
export function certificateWarning(chain: readonly SentCertificate[], warnDays: readonly number[], nowMs: number): string | undefined {
  const certificate = firstToEnd(chain)
  if (!certificate || warnDays.length === 0) return undefined
  const { name, endsAtMs } = certificate
  const on = new Date(endsAtMs).toISOString().slice(0, 10)
  if (endsAtMs <= nowMs) return `the certificate of ${name} ended on ${on}`
  const stage = warnDays.filter((days) => endsAtMs - nowMs < days * DAY_MS).toSorted((a, b) => a - b)[0]
  return stage === undefined ? undefined : `the certificate of ${name} ends in less than ${stage} days, on ${on}`
}

/** Whole days and their parts: 0.5 is twelve hours; negative once it has ended. */
function daysLeft({ endsAtMs }: SentCertificate, nowMs: number): number {
  return Math.floor(((endsAtMs - nowMs) / DAY_MS) * 100) / 100
}

function firstToEnd(chain: readonly SentCertificate[]): SentCertificate | undefined {
  return chain.reduce<SentCertificate | undefined>((first, each) => (first && first.endsAtMs <= each.endsAtMs ? first : each), undefined)
}

/** One that cannot be read is long past. Not `validToDate`, which is another date each time then. */
export function endOf({ validTo }: Pick<X509Certificate, 'validTo'>): number {
  const endsAtMs = Date.parse(validTo)
  return Number.isNaN(endsAtMs) ? 0 : endsAtMs
}

function nameOf({ subject, subjectAltName }: X509Certificate): string {
  const name = /(?:^|\n)CN=(.+)/.exec(subject)?.[1] ?? /DNS:([^,]+)/.exec(subjectAltName ?? '')?.[1] ?? 'no name'
  return clipDetail(name, 60)
}
