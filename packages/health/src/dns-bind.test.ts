import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dnsProbe, type DnsProbeOptions } from './dns.ts'
import { closedPort } from './testing/index.ts'

const NAMED = '/usr/sbin/named'
const PATIENT_MS = 10_000

interface Named extends AsyncDisposable {
  readonly port: number
}

/** A real BIND on a loopback port, for the zone shop.example with this serial. */
async function startNamed(serial: number): Promise<Named> {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-named-'))
  const port = await closedPort()
  const long = Array.from({ length: 20 }, (_, index) => `long IN TXT "${String(index).repeat(100)}"`).join('\n')
  writeFileSync(
    join(folder, 'shop.zone'),
    `$TTL 60\n@ IN SOA ns1 admin ${serial} 60 60 600 60\n@ IN NS ns1\nns1 IN A 127.0.0.1\nwww IN A 192.0.2.1\nwww IN A 192.0.2.2\n` +
      `alias IN CNAME www\n@ IN MX 10 Mail\nsix IN AAAA 2001:db8::1\n_sip._tcp IN SRV 0 5 5060 www\n@ IN CAA 0 issue "ca.example"\n${long}\n`,
  )
  writeFileSync(
    join(folder, 'named.conf'),
    `options { directory "${folder}"; managed-keys-directory "${folder}"; pid-file none; session-keyfile none; lock-file none;
      listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; dnssec-validation no; notify no; };
    controls { };
    zone "shop.example" { type primary; file "shop.zone"; };
    zone "broken.example" { type primary; file "missing.zone"; };`,
  )
  const child = spawn(NAMED, ['-g', '-n', '1', '-c', join(folder, 'named.conf')], { stdio: ['ignore', 'ignore', 'pipe'] })
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await running(child)
  } catch (error) {
    await stop()
    throw error
  }
  return { port, [Symbol.asyncDispose]: stop }
}

function running(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString()
      if (/ running$/m.test(log)) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`named ended: ${log.slice(-2_000)}`)))
  })
}

describe('a real BIND', () => {
  let named: Named | undefined
  beforeAll(async () => {
    if (existsSync(NAMED)) named = await startNamed(2_026_112_101)
  })
  afterAll(() => named?.[Symbol.asyncDispose]())

  const rows: readonly { readonly name: string; readonly options: Partial<DnsProbeOptions>; readonly expected: object }[] = [
    {
      name: 'refuses a zone that is not its own',
      options: { name: 'other.example' },
      expected: { outcome: 'fail', reason: 'unwell', detail: 'REFUSED, expected NOERROR' },
    },
    {
      name: 'says SERVFAIL for a zone that it cannot load',
      options: { name: 'www.broken.example' },
      expected: { outcome: 'fail', reason: 'unwell', detail: 'SERVFAIL, expected NOERROR' },
    },
    {
      name: 'does not know a name',
      options: { name: 'none.shop.example' },
      expected: { outcome: 'fail', reason: 'unexpected', detail: 'NXDOMAIN, expected NOERROR' },
    },
    {
      name: 'has no record of the type',
      options: { name: 'www.shop.example', type: 'AAAA' },
      expected: { outcome: 'fail', reason: 'unexpected', detail: 'NOERROR, but 0 AAAA records, expected at least 1' },
    },
    {
      name: 'does not know a name, as expected',
      options: { name: 'none.shop.example', expectRcode: 'NXDOMAIN', expectAuthoritative: true },
      expected: { outcome: 'pass', detail: 'NXDOMAIN' },
    },
    {
      name: 'has exactly the addresses that are expected, at the end of an alias',
      options: { name: 'Alias.Shop.example.', expectAnswers: ['192.0.2.2', '192.0.2.1'], expectAuthoritative: true },
      expected: { outcome: 'pass', measures: { 'answer-count': 2 } },
    },
    {
      name: 'answers over TCP',
      options: { name: 'www.shop.example', transport: 'tcp' },
      expected: { outcome: 'pass', detail: expect.stringContaining('NOERROR over TCP, 2 A records: ') },
    },
    {
      name: 'truncates a long answer over UDP, and has it over TCP',
      options: { name: 'long.shop.example', type: 'TXT', minAnswers: 20 },
      expected: { outcome: 'pass', detail: expect.stringContaining('NOERROR over TCP (truncated over UDP), 20 TXT records') },
    },
    {
      name: 'has the MX',
      options: { name: 'shop.example', type: 'MX', expectAnswers: ['10 mail.shop.example.'] },
      expected: { outcome: 'pass' },
    },
    {
      name: 'has the AAAA',
      options: { name: 'six.shop.example', type: 'AAAA', expectAnswers: ['2001:DB8:0::1'] },
      expected: { outcome: 'pass' },
    },
    {
      name: 'has the SRV',
      options: { name: '_sip._tcp.shop.example', type: 'SRV', expectAnswers: ['0 5 5060 www.shop.example'] },
      expected: { outcome: 'pass' },
    },
    {
      name: 'has the CAA',
      options: { name: 'shop.example', type: 'CAA', expectAnswers: ['0 issue ca.example'] },
      expected: { outcome: 'pass' },
    },
    {
      name: 'has the NS',
      options: { name: 'shop.example', type: 'NS', expectAnswers: ['ns1.shop.example'] },
      expected: { outcome: 'pass' },
    },
  ]
  it.for(rows)('$name', async ({ options, expected }, context) => {
    if (!named) return context.skip(`${NAMED} is not installed`)
    const probe = dnsProbe({ server: '127.0.0.1', port: named.port, name: 'shop.example', timeoutMs: PATIENT_MS, ...options })
    expect(await probe.run()).toMatchObject(expected)
  })

  it('with another serial on a second server fails, and passes with the same', async (context) => {
    if (!named) return context.skip(`${NAMED} is not installed`)
    const order = { server: '127.0.0.1', port: named.port, name: 'shop.example', type: 'SOA', timeoutMs: PATIENT_MS } as const
    await using behind = await startNamed(2_026_112_100)
    const other = `127.0.0.1:${behind.port}`
    expect(await dnsProbe({ ...order, sameSerialOn: [other] }).run()).toMatchObject({
      outcome: 'fail',
      reason: 'unexpected',
      detail: `serial 2026112101, but 2026112100 on ${other}`,
      measures: { 'serial-lag': 1 },
    })
    expect(await dnsProbe({ ...order, sameSerialOn: [`127.0.0.1:${named.port}`] }).run()).toMatchObject({
      outcome: 'pass',
      detail: 'serial 2026112101 on all 2 servers',
    })
  })
})
