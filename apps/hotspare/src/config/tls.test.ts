import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { selfSigned } from '../certificates.fixture.ts'
import { check } from '../commands/check.ts'
import { contextOf } from '../commands/commands.fixture.ts'
import { parseConfig } from './load.ts'
import { ConfigError } from './problem.ts'
import { readFileBounded } from './read-file.ts'

const DAY_MS = 86_400_000
const NO_CERTIFICATE = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const shop = selfSigned('shop.example', 40)
const other = selfSigned('other.example', 40)

const withTls = (tls: string) => `pools: { shop: { targets: [http://10.0.0.11:8080] } }
proxies:
  - listen: :8443
    pool: shop
    tls: ${tls}
`

async function understood(tls: string, { atMs = Date.now(), looks = true } = {}) {
  const clock = new TestClock(atMs)
  const options = { file: 'hotspare.yaml', env: {}, hostname: 'h', clock, ...(looks ? { readCertificate: readFileBounded } : {}) }
  const line = (text: string) => text.replaceAll('hotspare.yaml:', '').replaceAll(/\/tmp\/[^/]+\//g, '')
  try {
    const { config, warnings } = await parseConfig(withTls(tls), options)
    return { tls: config.proxies[0]?.tls, warnings: warnings.map(({ path, message, hint }) => line(`${path}: ${message}; ${hint}`)) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { problems: error.message.split('\n').map(line) }
  }
}

/** Files by name, in a folder that goes with the test. */
function written(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

function need(context: TestContext): void {
  context.skip(!shop, 'openssl is not installed: no certificate to test with')
}

describe('TLS in the file', () => {
  it.each([
    ['no certificate', '{ certificates: [] }', /^5:\d+: proxies\[0\]\.tls\.certificates: /],
    ['no key', '{ certificates: [{ cert: /a.pem }] }', /tls\.certificates\[0\].*key/],
    ['a relative path', '{ certificates: [{ cert: a.pem, key: /b.pem }] }', /certificates\[0\]\.cert: .*an absolute path/],
    ['a name that is none', '{ certificates: [{ cert: /a.pem, key: /b.pem, serverNames: [a b] }] }', /serverNames\[0\]: .*shop\.example/],
    ['a TLS of old', '{ certificates: [{ cert: /a.pem, key: /b.pem }], minVersion: TLSv1.1 }', /minVersion: .*TLSv1\.2/],
    [
      'clients that nobody could know',
      '{ certificates: [{ cert: /a.pem, key: /b.pem }], requireClientCertificate: true }',
      /requireClientCertificate: .*clientCa/,
    ],
    ['a key that is unknown', '{ certificates: [{ cert: /a.pem, key: /b.pem }], alpn: h2 }', /unknown key "alpn"/],
  ])('with %s is refused, and located', async (_what, tls, says) => {
    const { problems } = await understood(tls, { looks: false })
    expect(problems?.[0]).toMatch(says)
  })

  it('has defaults, and its files are read by nobody who does not ask for it', async () => {
    const { tls, warnings } = await understood(
      '{ certificates: [{ cert: /nowhere/a.pem, key: /nowhere/b.pem }], clientCa: /nowhere/c.pem }',
      { looks: false },
    )
    expect(warnings).toEqual([])
    expect(tls).toEqual({
      certificates: [{ cert: '/nowhere/a.pem', key: '/nowhere/b.pem' }],
      unknownServerName: 'default',
      minVersion: 'TLSv1.2',
      http2: true,
      clientCa: '/nowhere/c.pem',
      requireClientCertificate: true,
    })
  })
})

describe('the files of TLS', () => {
  const one = (folder: string, cert = 'cert.pem', key = 'key.pem') =>
    `{ certificates: [{ cert: ${folder}/${cert}, key: ${folder}/${key} }] }`

  it.each<[what: string, files: Readonly<Record<string, string>>, says: RegExp]>([
    ['are not there', {}, /certificates\[0\]\.cert: the file cannot be read: no such file$/],
    ['have no key', { 'cert.pem': 'x' }, /certificates\[0\]\.key: the file cannot be read: no such file$/],
    ['are nonsense', { 'cert.pem': 'x', 'key.pem': 'y' }, /certificates\[0\]\.cert: the certificate is no PEM certificate$/],
  ])('that %s are named with where', async (_what, files, says) => {
    const { problems } = await understood(one(written(files)))
    expect(problems).toEqual([expect.stringMatching(says)])
  })

  it('that do not belong together are named with where, and nothing of the key', async (context) => {
    need(context)
    const { problems } = await understood(one(written({ 'cert.pem': shop!.cert, 'key.pem': other!.key })))
    expect(problems).toEqual([
      expect.stringMatching(/^5:\d+: proxies\[0\]\.tls\.certificates\[0\]\.key: the key belongs to another certificate$/),
    ])
  })

  it('make another configuration when the authorities in it are others', async () => {
    if (!shop || !other) return
    const folder = written({ 'cert.pem': shop.cert, 'key.pem': shop.key, 'ca.pem': shop.cert })
    const tls = `{ certificates: [{ cert: ${folder}/cert.pem, key: ${folder}/key.pem }], clientCa: ${folder}/ca.pem }`
    const before = await understood(tls)
    writeFileSync(join(folder, 'ca.pem'), other.cert)
    const after = await understood(tls)
    expect([before.tls?.clientCaText, after.tls?.clientCaText]).toEqual([shop.cert, other.cert])
  })

  it.each<[what: string, authorities: () => string, says: RegExp]>([
    ['hold no authority', () => 'x', /tls\.clientCa: there is no certificate in the file$/],
    ['hold a broken one', () => shop!.cert + NO_CERTIFICATE, /tls\.clientCa: certificate 2 in the file cannot be read$/],
  ])('that %s are named', async (_what, authorities, says) => {
    if (!shop) return
    const folder = written({ 'cert.pem': shop.cert, 'key.pem': shop.key, 'ca.pem': authorities() })
    const { problems } = await understood(
      `{ certificates: [{ cert: ${folder}/cert.pem, key: ${folder}/key.pem }], clientCa: ${folder}/ca.pem }`,
    )
    expect(problems).toEqual([expect.stringMatching(says)])
  })

  it.each([
    ['in a month', 10, []],
    ['in two weeks', 27, [expect.stringMatching(/^proxies\[0\]\.tls\.certificates\[0\]\.cert: it expires in 12d23h.*renew it/)]],
    ['last week', 47, [expect.stringMatching(/it expired on \d{4}-\d\d-\d\d; clients will not accept it/)]],
    ['and begin tomorrow', -1, [expect.stringMatching(/it is not valid before .*; clients will not accept it/)]],
  ])('that expire %s are a doubt and no obstacle', async (_when, days, said) => {
    const folder = written(shop ? { 'cert.pem': shop.cert, 'key.pem': shop.key } : {})
    const { warnings } = await understood(one(folder), { atMs: Date.now() + days * DAY_MS, looks: shop !== undefined })
    expect(warnings).toEqual(shop ? said : [])
  })
})

it('`check` reads the files, and says of what expires soon as a warning, and of what does not fit that the file cannot be used', async (context) => {
  const [expired, key] = [selfSigned('old.example', -1), shop?.key]
  context.skip(!expired || key === undefined, 'openssl is not installed: no certificate to test with')
  const folder = written({ 'cert.pem': expired?.cert ?? '', 'key.pem': expired?.key ?? '' })
  const config = join(folder, 'hotspare.yaml')
  writeFileSync(config, withTls(`{ certificates: [{ cert: ${folder}/cert.pem, key: ${folder}/key.pem }] }`))
  const good = contextOf()
  expect(await check({ config }, good)).toBe(0)
  expect(good.err()).toMatch(
    /^warning: .*:5:\d+: proxies\[0\]\.tls\.certificates\[0\]\.cert: it expired on .*; clients will not accept it\n$/,
  )
  expect(good.out()).toMatch(/^proxy .*:8443 \(TLS\) -> shop$/m)
  writeFileSync(join(folder, 'key.pem'), key ?? '')
  await expect(check({ config }, contextOf())).rejects.toThrow(/tls\.certificates\[0\]\.key: the key belongs to another certificate$/)
})
