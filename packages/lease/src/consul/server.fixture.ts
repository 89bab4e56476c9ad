import type { ServerOptions } from 'node:https'
import { type StandIn, standIn, type StandInAnswer, type StandInRequest } from '../stand-in.fixture.ts'

interface Entry {
  value: string
  createIndex: number
  modifyIndex: number
  flags: number
}

export interface FakeConsul extends StandIn {
  readonly entries: Map<string, Entry>
  /** A write past the driver, as `consul kv put` does it. */
  edit(key: string, value: string): void
}

/** The key-value store of one data centre, as Consul's HTTP API documents it; requests that are spelled otherwise are refused. */
export async function fakeConsul({ token, tls }: { readonly token?: string; readonly tls?: ServerOptions } = {}): Promise<FakeConsul> {
  const entries = new Map<string, Entry>()
  let index = 10
  const headers = () => ({ 'x-consul-index': String(index), 'x-consul-knownleader': 'true' })
  const write = (key: string, value: string) => {
    index += 3
    entries.set(key, { value, createIndex: entries.get(key)?.createIndex ?? index, modifyIndex: index, flags: 0 })
  }

  function serve({ method, target, headers: sent, body }: StandInRequest): StandInAnswer {
    const [path = '', query = ''] = target.split('?')
    // Go's router would answer with a redirect, and the driver would be lost.
    if (/\/\.{0,2}(?:\/|$)/.test(path)) return { status: 301, headers: { location: '/' } }
    const [, key] = /^\/v1\/kv\/(.+)$/.exec(path) ?? []
    if (key === undefined || decodeURIComponent(key) !== key) return { status: 400, body: `strange path ${path}` }
    if (token !== undefined && sent['x-consul-token'] === undefined)
      return { status: 403, body: 'Permission denied: anonymous token lacks permission' }
    if (sent['x-consul-token'] !== token) return { status: 403, body: `ACL not found: ${String(sent['x-consul-token'])}` }
    const asked = new URLSearchParams(query)
    if (asked.get('dc') !== 'fra') return { status: 500, body: 'No path to datacenter' }
    const entry = entries.get(key)
    if (method === 'GET') {
      if (query !== 'dc=fra&consistent' || body !== '') return { status: 400, body: `strange query ${query}` }
      if (!entry) return { status: 404, headers: headers() }
      const { value, createIndex, modifyIndex, flags } = entry
      const shown = {
        LockIndex: 0,
        Key: key,
        Flags: flags,
        Value: value === '' ? null : btoa(value),
        CreateIndex: createIndex,
        ModifyIndex: modifyIndex,
      }
      return { status: 200, headers: headers(), body: JSON.stringify([shown]) }
    }
    if (method !== 'PUT' || !/^dc=fra&cas=\d+$/.test(query)) return { status: 400, body: `strange request ${method} ${query}` }
    const fits = Number(asked.get('cas')) === (entry?.modifyIndex ?? 0)
    if (fits) write(key, body)
    return { status: 200, headers: headers(), body: `${fits}\n` }
  }

  return Object.assign(await standIn(serve, tls), { entries, edit: write })
}
