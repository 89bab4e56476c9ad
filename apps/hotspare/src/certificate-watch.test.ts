import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TestClock } from '@hotspare/core/testing'
import { createProxy, type ServerCertificate } from '@hotspare/proxy'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { CertificateEvent } from './certificate-events.ts'
import { CertificateWatch, tlsOptions } from './certificate-watch.ts'
import { type MadeCertificate, selfSigned } from './certificates.fixture.ts'
import type { TlsConfig } from './config/config-tls.ts'

const one = selfSigned('one.example')
const two = selfSigned('two.example')

beforeEach((context) => context.skip(!one, 'openssl is not installed: no certificate to test with'))

function watched(first: MadeCertificate) {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-watch-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  const write = (given: Partial<MadeCertificate>) => {
    for (const part of ['cert', 'key'] as const) if (given[part] !== undefined) writeFileSync(files[part], given[part])
  }
  write(first)
  const tls: TlsConfig = {
    certificates: [files],
    unknownServerName: 'default',
    minVersion: 'TLSv1.2',
    http2: true,
    requireClientCertificate: false,
  }
  const events: CertificateEvent[] = []
  const clock = new TestClock(Date.now())
  const told: unknown[] = []
  const watch = new CertificateWatch({ proxy: 'shop', tls, clock, record: (event) => events.push(event), shown: (list) => told.push(list) })
  const proxy = createProxy({ port: 0, pick: () => undefined, tls: tlsOptions(tls, watch.certificates, undefined) })
  const startedAgain = (before: readonly ServerCertificate[]) => {
    const heard: CertificateEvent[] = []
    return { again: new CertificateWatch({ proxy: 'shop', tls, before, clock, record: (event) => heard.push(event) }), events: heard }
  }
  return { files, write, watch, proxy, events, told, clock, startedAgain, shown: () => proxy.certificates[0]?.names[0] }
}

describe('the files of a certificate', () => {
  it('that are not there are named at the start', () => {
    const certificates = [{ cert: '/nowhere/cert.pem', key: '/nowhere/key.pem' }]
    const tls: TlsConfig = {
      certificates,
      unknownServerName: 'default',
      minVersion: 'TLSv1.2',
      http2: true,
      requireClientCertificate: false,
    }
    expect(() => new CertificateWatch({ proxy: 'shop', tls, clock: new TestClock(), record: () => {} })).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_CONFIG_CERTIFICATE', message: expect.stringContaining('/nowhere/cert.pem') }),
    )
  })

  it.each<[what: string, change: (site: ReturnType<typeof watched>) => void, because: RegExp]>([
    ['nonsense', ({ write }) => write({ cert: 'nonsense' }), /no PEM certificate/],
    ['another key', ({ write }) => write({ key: two!.key }), /the key belongs to another/],
    ['nothing', ({ files }) => unlinkSync(files.cert), /cert\.pem cannot be read: no such file/],
  ])('that become %s are not followed, and people are told once', async (_what, change, because) => {
    const site = watched(one!)
    change(site)
    for (let look = 0; look < 4; look += 1) await site.watch.look(site.proxy)
    expect(site.shown()).toBe('one.example')
    expect(site.events).toMatchObject([{ type: 'certificates-refused', proxy: 'shop', because: expect.stringMatching(because) }])
    expect(JSON.stringify(site.events)).not.toContain('BEGIN')
  })

  it('that change one after the other are followed when they fit', async () => {
    const { write, watch, proxy, events, shown } = watched(one!)
    await watch.look(proxy)
    write({ cert: two!.cert })
    await watch.look(proxy)
    expect([shown(), events]).toEqual(['one.example', []])
    write({ key: two!.key })
    await watch.look(proxy)
    await watch.look(proxy)
    expect(shown()).toBe('two.example')
    expect(events).toMatchObject([{ type: 'certificates-changed', names: ['two.example'] }])
  })

  it.each<[what: string, change: (site: ReturnType<typeof watched>) => void]>([
    ['nonsense', ({ write }) => write({ cert: 'nonsense' })],
    ['another key', ({ write }) => write({ key: two!.key })],
    ['nothing', ({ files }) => unlinkSync(files.cert)],
    ['what has expired', ({ write }) => write(selfSigned('old.example', -1)!)],
  ])('that have become %s do not stop a process that is started again: it shows what was shown before', async (_what, change) => {
    const site = watched(one!)
    change(site)
    const { again, events } = site.startedAgain(site.watch.certificates)
    expect(again.certificates).toEqual(site.watch.certificates)
    for (let look = 0; look < 3; look += 1) await again.look(site.proxy)
    expect(events).toMatchObject([{ type: 'certificates-refused' }])
    site.write(two!)
    await again.look(site.proxy)
    expect(site.shown()).toBe('two.example')
  })

  it('and of authorities that are gone, what was read with the configuration holds', () => {
    const { files } = watched(one!)
    const tls: TlsConfig = {
      certificates: [files],
      unknownServerName: 'default',
      minVersion: 'TLSv1.2',
      http2: true,
      clientCa: '/nowhere/ca.pem',
      requireClientCertificate: true,
    }
    expect(() => tlsOptions(tls, [one!], undefined)).toThrow('/nowhere/ca.pem')
    expect(tlsOptions({ ...tls, clientCaText: two!.cert }, [one!], undefined).clientCa).toBe(two!.cert)
  })

  it('that are newer than what was shown before are shown by a process that is started again', () => {
    const { watch, write, startedAgain } = watched(one!)
    write(two!)
    expect(startedAgain(watch.certificates).again.certificates).toMatchObject([{ cert: two!.cert }])
  })

  it('are told of from the start on, and when others are shown', async () => {
    const { write, watch, proxy, told } = watched(one!)
    watch.start(proxy)
    write(two!)
    await watch.look(proxy)
    watch.stop()
    expect(told).toMatchObject([[{ cert: one!.cert }], [{ cert: two!.cert }]])
  })

  it('are looked at every two seconds, until the end', async () => {
    const { write, watch, proxy, events, clock, shown } = watched(one!)
    watch.start(proxy)
    write(two!)
    await clock.advance(1_900)
    expect(shown()).toBe('one.example')
    await clock.advance(100)
    await expect.poll(shown).toBe('two.example')
    watch.stop()
    write(one!)
    await clock.advance(10_000)
    expect(events).toHaveLength(1)
  })
})
