import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { dnsProviderReference, dnsProviders } from './dns-providers.ts'
import { root } from './sources.ts'

interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

it('every provider that the package exports is there, and no other', () => {
  const { exports } = JSON.parse(readFileSync(`${root}/packages/dns/package.json`, 'utf8')) as Manifest
  const files = Object.entries(exports).map(([key, value]) => {
    return { subPath: key.slice(2), file: typeof value === 'string' ? value : (value['@hotspare/source'] ?? '') }
  })
  const drivers = files.filter(({ subPath, file }) => file.includes('/providers/') || ['memory', 'server'].includes(subPath))
  const names = (list: readonly { readonly subPath: string }[]) => list.map(({ subPath }) => subPath).toSorted()
  expect(names(dnsProviders)).toEqual(names(drivers))
})

it('every factory is the one of its sub-path', () => {
  const missing = dnsProviders.filter(({ subPath, factory }) => {
    const path = ['memory', 'server'].includes(subPath) ? `${subPath}.ts` : `providers/${subPath}.ts`
    const text = readFileSync(`${root}/packages/dns/src/${path}`, 'utf8')
    return !new RegExp(`^export (?:function ${factory}\\b|\\{[^}]*\\b${factory}\\b)`, 'm').test(text)
  })
  expect(missing).toEqual([])
})

it('what is said to run live has tests that start a server', () => {
  for (const { subPath, capabilities } of dnsProviders) {
    if (capabilities.proven !== 'live' || ['memory', 'server'].includes(subPath)) continue
    const texts = ['test', 'fixture'].map((kind) => readFileSync(`${root}/packages/dns/src/providers/${subPath}.${kind}.ts`, 'utf8'))
    expect([subPath, /start(?:Bind|Knot|PowerDns)\(/.test(texts.join('\n'))]).toEqual([subPath, true])
  }
})

it('no cell is empty, and every limit says where it is written down', () => {
  const rows = dnsProviderReference()
    .split('\n')
    .filter((line) => line.startsWith('| '))
  expect(rows).toHaveLength(2 * (dnsProviders.length + 2))
  expect(rows.filter((row) => /\|\s+\||undefined|NaN/.test(row))).toEqual([])
})

it('who compares stands before who does not', () => {
  const swaps = dnsProviders.map(({ capabilities }) => capabilities.compareAndSwap !== 'none')
  expect(swaps.toSorted((one, other) => Number(other) - Number(one))).toEqual(swaps)
})
