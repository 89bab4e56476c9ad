import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A test authority with certificates of a server and of two clients, and another authority that has signed none of them. PEM. */
export interface Certificates {
  readonly ca: string
  readonly otherCa: string
  /** Without a common name: where authentication is on, etcd's gateway answers a client with one by status 400. */
  readonly client: { readonly cert: string; readonly key: string }
  readonly namedClient: { readonly cert: string; readonly key: string }
  readonly files: {
    readonly ca: string
    readonly serverCert: string
    readonly serverKey: string
  }
}

/** @param folder where the files are put; the caller removes it */
export function makeCertificates(folder: string): Certificates {
  const file = (name: string) => join(folder, name)
  const key = (name: string) => readFileSync(file(`${name}-key.pem`), 'utf8')
  const make = (name: string, subject: string, extra: readonly string[]) => {
    const how = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    const out = ['-subj', subject, '-keyout', file(`${name}-key.pem`), '-out', file(`${name}.pem`)]
    execFileSync('openssl', [...how, ...out, ...extra], { stdio: 'pipe' })
    return readFileSync(file(`${name}.pem`), 'utf8')
  }
  const signed = ['-CA', file('ca.pem'), '-CAkey', file('ca-key.pem'), '-addext', 'basicConstraints=critical,CA:FALSE']
  const ca = make('ca', '/CN=hotspare test authority', [])
  const otherCa = make('other', '/CN=another authority', [])
  make('server', '/CN=etcd.example', [...signed, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:etcd.example'])
  const client = { cert: make('client', '/O=hotspare', signed), key: key('client') }
  const namedClient = { cert: make('named', '/CN=hotspare', signed), key: key('named') }
  return {
    ca,
    otherCa,
    client,
    namedClient,
    files: { ca: file('ca.pem'), serverCert: file('server.pem'), serverKey: file('server-key.pem') },
  }
}
