import { X509Certificate } from 'node:crypto'
import { type Clock, errorText, formatDuration, systemClock, type WaitOptions } from '@hotspare/core'
import { readCertificate, type ServerCertificate, validityProblem } from '@hotspare/proxy'
import type { CertificateConfig, TlsConfig } from './config-tls.ts'
import { limits } from './defaults.ts'
import type { Finding, Path } from './problem.ts'
import { type ReadFile, readText } from './read-file.ts'
import type { ParsedProxy } from './schema-proxies.ts'

export interface CertificateFindings {
  /** What cannot be served with. */
  readonly findings: readonly Finding[]
  /** What clients will not accept, or soon will not. */
  readonly doubts: readonly Finding[]
}

export interface TlsFiles extends CertificateFindings {
  /** What is in a file of authorities, by its path. */
  readonly authorities: ReadonlyMap<string, string>
}

/** Two weeks; who renews by a program does so at thirty days. */
const SOON_MS = 14 * 86_400_000

/** Reads every certificate that proxies are to show, and says what is wrong with it. Nothing of a key is kept. */
export async function judgeCertificates(
  proxies: readonly (ParsedProxy | undefined)[],
  readFile: ReadFile,
  options: WaitOptions & { readonly clock?: Clock | undefined } = {},
): Promise<TlsFiles> {
  const authorities = new Map<string, string>()
  const atMs = (options.clock ?? systemClock).wallMs()
  const findings: Finding[] = []
  const doubts: Finding[] = []
  for (const [index, proxy] of proxies.entries()) {
    const path: Path = ['proxies', index, 'tls']
    const { certificates = [], clientCa } = proxy?.tls ?? {}
    for (const [place, certificate] of certificates.entries()) {
      const judged = await judge(certificate, [...path, 'certificates', place], atMs, readFile, options)
      findings.push(...judged.findings)
      doubts.push(...judged.doubts)
    }
    if (clientCa === undefined) continue
    const reading = await readText(readFile, clientCa, limits.secretBytes, options)
    if (!reading.ok) findings.push({ path: [...path, 'clientCa'], message: `the file ${reading.reason}` })
    else {
      authorities.set(clientCa, reading.text)
      const message = authorityProblem(reading.text)
      if (message !== undefined) findings.push({ path: [...path, 'clientCa'], message })
    }
  }
  return { findings, doubts, authorities }
}

/** The authorities whose file was read, with what was in it. */
export function withAuthorities(tls: TlsConfig | undefined, authorities: ReadonlyMap<string, string>): TlsConfig | undefined {
  const clientCaText = tls?.clientCa === undefined ? undefined : authorities.get(tls.clientCa)
  return tls && clientCaText !== undefined ? { ...tls, clientCaText } : tls
}

/** TLS passes over what it cannot read, and believes nobody then. */
function authorityProblem(text: string): string | undefined {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? []
  if (blocks.length === 0) return 'there is no certificate in the file'
  const broken = blocks.findIndex((block) => !isCertificate(block))
  return broken === -1 ? undefined : `certificate ${broken + 1} in the file cannot be read`
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).raw.length > 0
  } catch {
    return false
  }
}

async function judge(
  { cert, key, serverNames }: CertificateConfig,
  path: Path,
  atMs: number,
  readFile: ReadFile,
  options: WaitOptions,
): Promise<CertificateFindings> {
  const [certReading, keyReading] = await Promise.all([cert, key].map((file) => readText(readFile, file, limits.secretBytes, options)))
  if (!certReading?.ok) return wrong([...path, 'cert'], `the file ${certReading?.reason}`)
  if (!keyReading?.ok) return wrong([...path, 'key'], `the file ${keyReading?.reason}`)
  const given: ServerCertificate = { cert: certReading.text, key: keyReading.text, serverNames }
  try {
    const read = readCertificate(given, 'it')
    const problem = validityProblem(read, atMs)
    if (problem !== undefined)
      return { findings: [], doubts: [{ path: [...path, 'cert'], message: problem, hint: 'clients will not accept it' }] }
    const leftMs = read.notAfter - atMs
    const hint = 'renew it; the new files are followed without a restart'
    const doubts =
      leftMs < SOON_MS ? [{ path: [...path, 'cert'], message: `it expires in ${formatDuration(leftMs - (leftMs % 60_000))}`, hint }] : []
    return { findings: [], doubts }
  } catch (error) {
    const because = errorText(error)
      .replace(/^proxy: it/, '')
      .replace(/^ \(.*?\)/, '')
      .replace(/^: /, '')
    return wrong([...path, because.startsWith('the key') ? 'key' : 'cert'], because)
  }
}

function wrong(path: Path, message: string): CertificateFindings {
  return { findings: [{ path, message }], doubts: [] }
}
