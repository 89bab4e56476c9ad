import type { EventBase } from '@hotspare/core'

/** The files of a proxy's certificates have changed, and are followed. */
export interface CertificatesChangedEvent extends EventBase {
  readonly type: 'certificates-changed'
  readonly proxy: string
  /** The first name of each. */
  readonly names: readonly string[]
  /** When the first of them expires, in milliseconds since the Unix epoch. */
  readonly notAfter: number
}

/** The files have changed and cannot be used: the certificates before stay. */
export interface CertificatesRefusedEvent extends EventBase {
  readonly type: 'certificates-refused'
  readonly proxy: string
  readonly because: string
}

export type CertificateEvent = CertificatesChangedEvent | CertificatesRefusedEvent

/** The site works as before; it will not when the certificate before expires. */
export const CERTIFICATE_EVENT_LEVELS: Readonly<Partial<Record<CertificateEvent['type'], 'warn'>>> = { 'certificates-refused': 'warn' }

export function isCertificateEvent(event: { readonly type: string }): event is CertificateEvent {
  return event.type === 'certificates-changed' || event.type === 'certificates-refused'
}

export function certificateSentence(event: CertificateEvent): string {
  return event.type === 'certificates-changed'
    ? `proxy ${event.proxy} shows other certificates (${event.names.join(', ')}), valid until ${new Date(event.notAfter).toISOString().slice(0, 10)}`
    : `proxy ${event.proxy} keeps its certificates, as the new ones cannot be used: ${event.because}`
}
