import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { type Clock, errorText, HotspareError, type Timer, type WaitOptions } from '@hotspare/core'
import { type Proxy, readCertificate, type ServerCertificate, type TlsOptions, validityProblem } from '@hotspare/proxy'
import type { CertificateEvent } from './certificate-events.ts'
import { afterLook, isNew, type LookResult, type LookState } from './certificate-look.ts'
import { limits } from './config/defaults.ts'
import type { TlsConfig } from './config/config-tls.ts'
import { readFileBounded, readText } from './config/read-file.ts'

/** How often the files are looked at: they change every few weeks, but then people watch. */
const LOOK_MS = 2_000

type Shown = Pick<Proxy, 'setCertificates' | 'certificates'>

export interface CertificateWatchOptions {
  readonly proxy: string
  readonly tls: TlsConfig
  /** What was shown before this watch: it goes on where the files cannot be used. Default: none, and such files are an error */
  readonly before?: readonly ServerCertificate[] | undefined
  readonly clock: Clock
  readonly record: (event: CertificateEvent) => void
  /** Hears what is shown: from the start on, and after each change. */
  readonly shown?: ((certificates: readonly ServerCertificate[]) => void) | undefined
}

/** The files of one proxy's certificates: read for its start, and looked at for as long as it serves. */
export class CertificateWatch {
  /** What they are at the start. */
  readonly certificates: readonly ServerCertificate[]
  readonly #options: CertificateWatchOptions
  #state: LookState
  readonly #stopped = new AbortController()
  #timer: Timer | undefined

  /** @throws HotspareError `HOTSPARE_CONFIG_CERTIFICATE` that names the file and says why it cannot be read */
  constructor(options: CertificateWatchOptions) {
    this.#options = options
    this.certificates = readFirst(options)
    this.#state = { used: digestOf(this.certificates) }
  }

  start(proxy: Shown): void {
    this.#options.shown?.(this.certificates)
    this.#plan(proxy)
  }

  #plan(proxy: Shown): void {
    if (this.#stopped.signal.aborted) return
    this.#timer = this.#options.clock.schedule(LOOK_MS, () => void this.look(proxy).then(() => this.#plan(proxy)), { unref: true })
  }

  stop(): void {
    this.#stopped.abort()
    this.#timer?.cancel()
  }

  /** Looks once. Never rejects. */
  async look(proxy: Shown): Promise<void> {
    const { clock, record, proxy: name, tls } = this.#options
    const files = await readAll(tls, { clock, signal: this.#stopped.signal }).catch(() => undefined)
    if (!files) return
    const { result, because } = this.#try(proxy, files)
    const { state, tell } = afterLook(this.#state, result)
    this.#state = state
    if (!tell) return
    const at = clock.wallMs()
    if (because !== undefined) return record({ type: 'certificates-refused', at, proxy: name, because })
    const names = proxy.certificates.map(({ names: [first = 'without a name'] }) => first)
    record({
      type: 'certificates-changed',
      at,
      proxy: name,
      names,
      notAfter: Math.min(...proxy.certificates.map(({ notAfter }) => notAfter)),
    })
  }

  #try(proxy: Shown, files: Files): { readonly result: LookResult; readonly because?: string } {
    if (!files.ok) return { result: { type: 'refused', digest: files.because }, because: files.because }
    const digest = digestOf(files.certificates)
    if (!isNew(this.#state, digest)) return { result: { type: 'same' } }
    try {
      proxy.setCertificates(files.certificates)
      this.#options.shown?.(files.certificates)
      return { result: { type: 'used', digest } }
    } catch (error) {
      return { result: { type: 'refused', digest }, because: errorText(error) }
    }
  }
}

/** @throws HotspareError `HOTSPARE_CONFIG_CERTIFICATE` */
export function tlsOptions(
  { unknownServerName, minVersion, http2, clientCa, clientCaText, requireClientCertificate }: TlsConfig,
  certificates: readonly ServerCertificate[],
  ticketKeys: Uint8Array | undefined,
): TlsOptions {
  const client = clientCa === undefined ? {} : { clientCa: clientCaText ?? readNow(clientCa), requireClientCertificate }
  return { certificates, unknownServerName, minVersion, http2, ticketKeys, ...client }
}

type Files = { readonly ok: true; readonly certificates: readonly ServerCertificate[] } | { readonly ok: false; readonly because: string }

/** Behind other work: a disk that does not answer must hold up no request. @throws the reason of `signal` */
async function readAll({ certificates }: TlsConfig, options: WaitOptions): Promise<Files> {
  const read: ServerCertificate[] = []
  for (const { cert, key, serverNames } of certificates) {
    const texts: string[] = []
    for (const file of [cert, key]) {
      const reading = await readText(readFileBounded, file, limits.secretBytes, options)
      if (!reading.ok) return { ok: false, because: `${file} ${reading.reason}` }
      texts.push(reading.text)
    }
    const [certText = '', keyText = ''] = texts
    read.push({ cert: certText, key: keyText, serverNames })
  }
  return { ok: true, certificates: read }
}

/** A process that is started again must serve, whatever has become of the files: as good as those in use, or else those. */
function readFirst({ tls, before, clock }: CertificateWatchOptions): readonly ServerCertificate[] {
  if (!before) return readAllNow(tls)
  try {
    const certificates = readAllNow(tls)
    const isFit = certificates.every(
      (each, index) => validityProblem(readCertificate(each, `certificates[${index}]`), clock.wallMs()) === undefined,
    )
    return isFit ? certificates : before
  } catch {
    // The looks that follow say what is wrong.
    return before
  }
}

/** For the start, which has nothing else to do. */
function readAllNow({ certificates }: TlsConfig): readonly ServerCertificate[] {
  return certificates.map(({ cert, key, serverNames }) => ({ cert: readNow(cert), key: readNow(key), serverNames }))
}

function readNow(file: string): string {
  try {
    // A pipe that nobody writes to is no file, nor is a device.
    if (!statSync(file).isFile()) throw new Error('it is no file')
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new HotspareError({
      code: 'HOTSPARE_CONFIG_CERTIFICATE',
      message: `certificates: ${file} cannot be read: ${errorText(error)}`,
      cause: error,
    })
  }
}

function digestOf(certificates: readonly ServerCertificate[]): string {
  const hash = createHash('sha256')
  for (const { cert, key } of certificates) hash.update(`${cert.length} ${key.length} `).update(cert).update(key)
  return hash.digest('hex')
}
