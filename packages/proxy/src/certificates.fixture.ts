import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'vitest'

export interface MadeCertificate {
  readonly key: string
  readonly cert: string
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** Certificates that were made already: each costs the time of two processes. */
const made = new Map<string, MadeCertificate>()

/** A certificate with these DNS names that nobody else vouches for. @param days until it expires; negative for one that has */
export function selfSigned(names: readonly string[], days = 2, which = ''): MadeCertificate {
  const kind = `${names.join()} ${days} ${which}`
  const before = made.get(kind)
  if (before) return before
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-proxy-'))
  const openssl = (...args: readonly string[]) => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  try {
    writeFileSync(join(folder, 'ext'), names.length === 0 ? '' : `subjectAltName=${names.map((name) => `DNS:${name}`).join()}\n`)
    openssl('req', ...NEW_KEY, '-subj', `/CN=${names[0] ?? 'nobody'}`, '-keyout', 'key.pem', '-out', 'csr.pem')
    openssl('x509', '-req', '-in', 'csr.pem', '-signkey', 'key.pem', '-days', String(days), '-extfile', 'ext', '-out', 'cert.pem')
    const certificate = { key: read('key.pem'), cert: read('cert.pem') }
    made.set(kind, certificate)
    return certificate
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** For `beforeEach`: what needs a certificate is skipped where nobody makes one. */
export function needOpenssl(context: TestContext): void {
  openssl ??= spawnSync('openssl', ['version']).status === 0
  context.skip(!openssl, 'openssl is not installed: no certificate to test with')
}

let openssl: boolean | undefined
