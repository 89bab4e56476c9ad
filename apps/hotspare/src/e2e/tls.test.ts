import { writeFileSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { join } from 'node:path'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { expect, it, onTestFinished } from 'vitest'
import { type MadeCertificate, selfSigned } from '../certificates.fixture.ts'
import { startOrigin } from '../compose.fixture.ts'
import { carefree, clientAtWork, SECURE_NAME as NAME } from './secure-client.fixture.ts'
import { childrenOf, freePort, killIfThere, startDaemon, temporaryFolder, until } from './processes.fixture.ts'

/** Until when the certificate is valid that a new client is shown. */
function validTo(port: number): Promise<string> {
  return handshake(port, {}, (socket, resolve) => resolve(socket.getPeerCertificate().valid_to))
}

/** A session to be taken up; its ticket comes behind the handshake. */
function ticket(port: number): Promise<Buffer> {
  return handshake(port, {}, (socket, resolve) => socket.resume().once('session', resolve))
}

function resumes(port: number, session: Buffer): Promise<boolean> {
  return handshake(port, { session }, (socket, resolve) => resolve(socket.isSessionReused()))
}

function handshake<Result>(
  port: number,
  options: ConnectionOptions,
  look: (socket: TLSSocket, resolve: (result: Result) => void) => void,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ...carefree, ...options })
    socket.on('error', reject)
    socket.once('secureConnect', () => {
      look(socket, (result) => {
        resolve(result)
        socket.destroy()
      })
    })
  })
}

it('a daemon speaks TLS and HTTP/2, and follows its certificates under load, through a reload and the death of its worker', async (context) => {
  const [first, second, expired] = [selfSigned(NAME, 60), selfSigned(NAME, 90), selfSigned(NAME, -1)]
  if (!first || !second || !expired) return context.skip('openssl is not installed: no certificate to test with')
  const folder = temporaryFolder()
  const write = ({ cert, key }: Partial<MadeCertificate>) => {
    if (cert !== undefined) writeFileSync(join(folder, 'cert.pem'), cert)
    if (key !== undefined) writeFileSync(join(folder, 'key.pem'), key)
  }
  write(first)
  const [a, b] = [await startOrigin('a'), await startOrigin('b')]
  const port = await freePort()
  const daemon = await startDaemon(`api: { listen: "127.0.0.1:0" }
pools:
  shop:
    targets: ["${a.url}", "${b.url}"]
    health: { type: http, path: /healthz, interval: 100ms, timeout: 10s, rise: 1, fall: 2 }
proxies:
  - name: shop
    listen: "127.0.0.1:${port}"
    pool: shop
    tls: { certificates: [{ cert: ${folder}/cert.pem, key: ${folder}/key.pem }] }
`)
  const url = `https://127.0.0.1:${port}/`
  const metrics = async () => (await fetch(`${daemon.api}/metrics`)).text()
  const began = await validTo(port)
  const session = await ticket(port)

  // By HTTP/2, as Node has it.
  const http2 = connectHttp2(url, carefree)
  onTestFinished(() => http2.destroy())
  const stream = http2.request({ ':path': '/' })
  let body = ''
  stream.on('data', (piece) => (body += String(piece)))
  await new Promise((resolve) => stream.once('close', resolve))
  expect(body).toMatch(/^[ab]$/)
  http2.close()

  const clients = [clientAtWork(url, false), clientAtWork(url, true)]

  // Another certificate, and then its key.
  write({ cert: second.cert })
  await new Promise((resolve) => setTimeout(resolve, 100))
  write({ key: second.key })
  await until(async () => (await validTo(port)) !== began, 'the other certificate')
  await until(() => daemon.log().includes('certificates-changed'), 'the event')
  expect(await resumes(port, session)).toBe(true)
  const now = await validTo(port)
  expect(await metrics()).toMatch(
    new RegExp(String.raw`^hotspare_certificate_expiry_seconds\{proxy="shop",name="shop\.example"[^}]*\} ${Date.parse(now) / 1_000}$`, 'm'),
  )

  // One that cannot be used stays outside, and is told of.
  write(expired)
  await until(() => daemon.log().includes('certificates-refused'), 'the refusal')
  expect(daemon.log()).toMatch(/keeps its certificates, as the new ones cannot be used: .*it expired on/)
  expect(await validTo(port)).toBe(now)
  write(second)

  // A worker that follows another one takes its sessions up.
  daemon.child.kill('SIGHUP')
  await until(() => daemon.log().includes('worker-retired') || daemon.log().includes('reload-finished'), 'the reload')
  expect(await resumes(port, session)).toBe(true)
  for (const client of clients) await client.stop()
  for (const { heard } of clients) {
    expect(heard.failed).toEqual([])
    expect(heard.answered).toBeGreaterThan(100)
  }

  // So does one that follows a death, and with files that have become useless meanwhile it shows what was shown before.
  write({ cert: 'nonsense', key: 'nonsense' })
  for (const pid of childrenOf(daemon.child.pid ?? 0)) killIfThere(pid)
  await until(() => resumes(port, session).catch(() => false), 'the session with a new worker')
  expect(await validTo(port)).toBe(now)

  expect(daemon.log()).not.toMatch(/BEGIN/)
}, 60_000)
