import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { HOTSPARE_CLI } from './hotspare-cli.ts'
import { needLab } from './network.ts'

const SHORT = process.env['HOTSPARE_LAB_SHORT'] === '1'

/** The file of the guide for two servers, with an etcd and a web server that are not here. */
const FILE = `
node: web-1
cluster:
  nodes: { web-1: { peer: "10.0.0.1:7401" }, web-2: { peer: "10.0.0.2:7401" } }
  secret: "0123456789abcdef0123456789abcdef"
  arbiter: { type: etcd, endpoints: ["http://10.0.0.5:2379"], ttl: 2s }
services:
  shop-entry:
    members: [web-1, web-2]
    onControlLoss: POLICY
    check: { type: http, url: "http://127.0.0.1:8080/healthz", interval: 200ms, fall: 2 }
    resources:
      - { type: vip, address: 10.0.0.100/32, interface: { web-1: eth0, web-2: ens3 } }
`

interface Printed {
  readonly rows: readonly {
    readonly kind: string
    readonly broken: readonly string[]
    readonly measured: { readonly failed: number; readonly holders: readonly string[]; readonly before: string }
  }[]
}

interface Case {
  readonly policy: 'keep' | 'release'
  /** Undefined: all. */
  readonly failures?: string
}

const CASES: readonly Case[] = SHORT ? [{ policy: 'release', failures: 'power' }] : [{ policy: 'keep' }, { policy: 'release' }]

it.for(CASES)('a file of a user is rehearsed on one machine: $policy', { timeout: 600_000 }, async ({ policy, failures }, context) => {
  needLab(context)
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-rehearsal-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'hotspare.yaml')
  writeFileSync(file, FILE.replace('POLICY', policy))

  const child = spawn(process.execPath, [
    ...HOTSPARE_CLI,
    'lab',
    '--json',
    '-c',
    file,
    ...(failures === undefined ? [] : ['--failures', failures]),
  ])
  let printed = ''
  let said = ''
  child.stdout.on('data', (chunk) => (printed += String(chunk)))
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  await once(child, 'close')

  expect(said).toContain('a witness plays the arbiter (etcd)')
  const { rows } = JSON.parse(printed) as Printed
  await context.annotate(JSON.stringify(rows.map(({ kind, measured }) => ({ kind, ...measured }))))
  expect(rows.flatMap(({ kind, broken }) => broken.map((each) => `${kind}: ${each}`))).toEqual([])
  expect(child.exitCode).toBe(0)
  expect(rows).toHaveLength(failures === undefined ? 10 : 1)
  // The address has moved from a machine without power.
  const power = rows.find(({ kind }) => kind === 'power')?.measured
  expect(power?.holders).toEqual(['web-1', 'web-2'].filter((node) => node !== power?.before))
  expect(power?.failed).toBeGreaterThan(0)
})
