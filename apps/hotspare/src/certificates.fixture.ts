import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface MadeCertificate {
  readonly key: string
  readonly cert: string
}

/**
 * A certificate for this name that nobody else vouches for; undefined where there is no openssl to make one.
 *
 * @param days until it expires; -1: it did yesterday
 */
export function selfSigned(name: string, days = 90): MadeCertificate | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-certificate-'))
  const openssl = (...args: readonly string[]) => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  try {
    writeFileSync(join(folder, 'ext'), `subjectAltName=DNS:${name}\n`)
    openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      'key.pem',
      '-out',
      'csr.pem',
    )
    openssl('x509', '-req', '-in', 'csr.pem', '-signkey', 'key.pem', '-days', String(days), '-extfile', 'ext', '-out', 'cert.pem')
    return { key: readFileSync(join(folder, 'key.pem'), 'utf8'), cert: readFileSync(join(folder, 'cert.pem'), 'utf8') }
  } catch {
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
