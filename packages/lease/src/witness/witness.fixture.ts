import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { LeaseRecord } from '../register.ts'
import { createWitness, type Witness, type WitnessOptions, type WitnessSecret } from '../witness-server.ts'

/** Of this test process alone: another one's witness may come to listen on a port that was just left. */
export const SECRET: WitnessSecret = { id: 1, secret: `correct horse battery staple ${randomUUID()}` }

export const PATIENT = { timeoutMs: 15_000 }

export const record = (changes: Partial<LeaseRecord> = {}): LeaseRecord => ({
  holder: 'web-1',
  token: 1,
  ttlMs: 2_000,
  revision: 'instance.1',
  ...changes,
})

/** A folder that goes with the test. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'hotspare-witness-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** A witness in this process, with a folder of its own unless a file is named. */
export async function startWitness(
  options: Partial<WitnessOptions> = {},
): Promise<{ readonly witness: Witness; readonly url: string; readonly file: string } & AsyncDisposable> {
  const folder = temporaryFolder()
  const file = options.file ?? join(folder.path, 'witness.json')
  const witness = createWitness({ listen: { port: 0 }, secrets: [SECRET], ...options, file })
  await witness.start()
  return {
    witness,
    file,
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${witness.address?.port}`,
    async [Symbol.asyncDispose]() {
      await witness.stop()
      folder.remove()
    },
  }
}

/** A witness that can be killed. */
export async function spawnWitness(
  file: string,
  wrap: (command: readonly string[]) => readonly string[] = (command) => command,
): Promise<{ readonly url: string; readonly child: ChildProcess; readonly kill: () => Promise<void> }> {
  const program = join(import.meta.dirname, 'witness.process.fixture.ts')
  const [command = '', ...rest] = wrap([process.execPath, '--conditions=@hotspare/source', program, file, '0', SECRET.secret])
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  const closed = once(child, 'close')
  const port = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve)
    closed.then(() => reject(new Error(`the witness has ended: ${complaints}`)), reject)
  })
  return {
    url: `http://127.0.0.1:${port}`,
    child,
    async kill() {
      child.kill('SIGKILL')
      await closed
    },
  }
}

export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** A self-signed certificate for 127.0.0.1, or undefined where there is no openssl to make one. */
export function selfSigned(): Certificate | undefined {
  const folder = temporaryFolder()
  const [keyFile, certFile] = [join(folder.path, 'key.pem'), join(folder.path, 'cert.pem')]
  try {
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    const subject = ['-subj', '/CN=witness', '-addext', 'subjectAltName=IP:127.0.0.1']
    execFileSync('openssl', [...request, ...subject, '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' })
    return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') }
  } catch {
    return undefined
  } finally {
    folder.remove()
  }
}
