/** TLS in front of a proxy. Its files are read by who serves, and again whenever they change. */
export interface TlsConfig {
  /** The first one is for clients that name no server, or an unknown one. */
  readonly certificates: readonly CertificateConfig[]
  readonly unknownServerName: 'default' | 'refuse'
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly http2: boolean
  /** A file of the authorities whose certificates clients must show. */
  readonly clientCa?: string | undefined
  /** What was in it when the configuration was read: another content is another configuration. Undefined: nobody has looked. */
  readonly clientCaText?: string | undefined
  readonly requireClientCertificate: boolean
}

/** Absolute paths of two files of PEM. */
export interface CertificateConfig {
  readonly cert: string
  readonly key: string
  /** Undefined: the names in the certificate. */
  readonly serverNames?: readonly string[] | undefined
}
