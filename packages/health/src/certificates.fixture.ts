import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a TLS server is given, and whom its clients should trust. */
export interface ServerCertificate {
  readonly key: string
  /** The certificates that are sent, the server's own first. */
  readonly cert: string
  readonly ca: string
}

/** The name in the certificates. */
export const CERTIFIED_NAME = 'shop.example'

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** A certificate for {@link CERTIFIED_NAME} that nobody else vouches for, or undefined where there is no openssl to make one. */
export function selfSigned(days = 2): ServerCertificate | undefined {
  return inFolder((openssl, read) => {
    const subject = ['-subj', `/CN=${CERTIFIED_NAME}`, '-addext', `subjectAltName=DNS:${CERTIFIED_NAME}`]
    openssl('req', '-x509', ...NEW_KEY, '-days', String(days), ...subject, '-keyout', 'key.pem', '-out', 'cert.pem')
    return { key: read('key.pem'), cert: read('cert.pem'), ca: read('cert.pem') }
  })
}

/** One of {@link selfSigned} in files of `folder`, for servers that read it from there. */
export function certificateFiles(folder: string): { readonly keyFile: string; readonly certFile: string; readonly ca: string } | undefined {
  const certificate = selfSigned()
  if (!certificate) return undefined
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  writeFileSync(keyFile, certificate.key, { mode: 0o600 })
  writeFileSync(certFile, certificate.cert)
  return { keyFile, certFile, ca: certificate.ca }
}

/** A root, an intermediate that lasts `intermediateDays`, and a certificate for {@link CERTIFIED_NAME} that lasts `days`. */
export function certificateChain(days: number, intermediateDays: number): ServerCertificate | undefined {
  return inFolder((openssl, read, write) => {
    const request = (name: string, common: string) =>
      openssl('req', ...NEW_KEY, '-subj', `/CN=${common}`, '-keyout', `${name}.key`, '-out', `${name}.csr`)
    const sign = (name: string, by: string, lasts: number, extension: string) => {
      write(`${name}.ext`, extension)
      const issuer = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial']
      openssl('x509', '-req', '-in', `${name}.csr`, ...issuer, '-days', String(lasts), '-extfile', `${name}.ext`, '-out', `${name}.pem`)
    }
    openssl('req', '-x509', ...NEW_KEY, '-days', '3650', '-subj', '/CN=root', '-keyout', 'root.key', '-out', 'root.pem')
    request('middle', 'middle')
    sign('middle', 'root', intermediateDays, 'basicConstraints=critical,CA:TRUE\n')
    request('leaf', CERTIFIED_NAME)
    sign('leaf', 'middle', days, `subjectAltName=DNS:${CERTIFIED_NAME}\n`)
    return { key: read('leaf.key'), cert: `${read('leaf.pem')}${read('middle.pem')}`, ca: read('root.pem') }
  })
}

type Maker = (
  openssl: (...args: readonly string[]) => void,
  read: (name: string) => string,
  write: (name: string, text: string) => void,
) => ServerCertificate

function inFolder(make: Maker): ServerCertificate | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-health-'))
  try {
    return make(
      (...args) => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' }),
      (name) => readFileSync(join(folder, name), 'utf8'),
      (name, text) => writeFileSync(join(folder, name), text),
    )
  } catch {
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
