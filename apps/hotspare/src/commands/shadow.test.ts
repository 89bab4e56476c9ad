import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readReport, writeWhole } from '../shadow/file.ts'
import { contextOf } from './commands.fixture.ts'
import { shadow, type ShadowOptions } from './shadow.ts'

const folder = mkdtempSync(join(tmpdir(), 'hotspare-shadow-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)
const fileWith = (name: string, text: string) => {
  writeFileSync(at(name), text)
  return at(name)
}
const INSTANCE = 'vrrp_instance a {\n interface nowhere0\n virtual_router_id 1\n virtual_ipaddress {\n 10.0.0.1\n }\n}'

const options = (changes: Partial<ShadowOptions>): ShadowOptions => ({
  keepalived: fileWith('k.conf', INSTANCE),
  probeEvery: '500ms',
  ttl: '2s',
  out: at('out'),
  ...changes,
})

describe('hotspare shadow', () => {
  it.each([
    [{ keepalived: at('missing.conf') }, 'HOTSPARE_VRRP_CONFIG', 'missing.conf: ENOENT'],
    [{ keepalived: fileWith('empty.conf', 'vrrp_instance a {\n}') }, 'HOTSPARE_APP_USAGE', 'empty.conf:1: a has no virtual_router_id'],
    [{ for: '7' }, 'HOTSPARE_APP_USAGE', '--for: "7" is no duration'],
    [{ ttl: '1ms' }, 'HOTSPARE_APP_USAGE', '--ttl: from 250ms to 1h'],
    [{ probeEvery: '1h' }, 'HOTSPARE_APP_USAGE', '--probe-every: from 20ms to 1m'],
    [{ check: 'tcp://10.0.0.1:80' }, 'HOTSPARE_APP_USAGE', '--check: write tcp://:80'],
    [{ check: 'tcp://:99999' }, 'HOTSPARE_APP_USAGE', '--check'],
    [{ check: 'http://user:hunter22@:80/' }, 'HOTSPARE_APP_USAGE', '--check'],
    [{ report: at('missing.json') }, 'HOTSPARE_APP_USAGE', 'missing.json: there is no such file'],
    [{ report: fileWith('text.json', 'no json') }, 'HOTSPARE_APP_USAGE', 'text.json: no report of hotspare shadow: it is no JSON'],
    [{ report: fileWith('other.json', '{"format":2}') }, 'HOTSPARE_APP_USAGE', 'other.json: no report of hotspare shadow: format'],
    [{}, 'HOTSPARE_VRRP_INTERFACE', 'there is no interface nowhere0 here'],
  ] as const)('refuses %o, and says why', async (changes, code, message) => {
    const refusal = shadow(options(changes), contextOf())
    await expect(refusal).rejects.toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }))
    await expect(refusal).rejects.not.toThrow('hunter22')
  })

  it('never writes over a file that is no report', async () => {
    const out = at('precious')
    writeFileSync(`${out}.json`, '{"mine":true}')
    await expect(shadow(options({ out }), contextOf())).rejects.toThrow('give another name')
    expect(readFileSync(`${out}.json`, 'utf8')).toBe('{"mine":true}')
  })

  it('prints the page of a report', async () => {
    const run = { from: 1_700_000_000_000, to: 1_700_000_060_000 }
    const settings = { check: 'a connection to port 80', probeEveryMs: 500, ttlMs: 2_000 }
    const report = {
      format: 1,
      version: '1',
      host: 'h',
      file: 'k',
      updatedAt: run.to,
      runs: [run],
      settings,
      observer: { framesDropped: 0, longestPauseMs: 0, blindMs: 0 },
      notes: [],
      routers: [],
    }
    const context = contextOf()
    expect(await shadow(options({ report: fileWith('good.json', JSON.stringify(report)) }), context)).toBe(0)
    expect(context.out()).toMatch(/^<!doctype html>/u)
    expect(context.out()).toContain('2023-11-14 22:13:20.000')
  })
})

describe('a report on disk', () => {
  it('is the old one or the new one, whole, and nothing is left beside it', async () => {
    const file = fileWith('atomic.json', 'old')
    await writeWhole(file, 'new')
    expect(readFileSync(file, 'utf8')).toBe('new')
    await expect(writeWhole(join(folder, 'nowhere', 'x.json'), 'new')).rejects.toThrow('cannot be written')
    expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([])
    expect(await readReport(at('none.json'))).toBeUndefined()
  })
})
