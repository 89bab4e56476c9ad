import { HotspareError } from '@hotspare/core'
import { Agent, request } from 'undici'

/** Posts to etcd's gateway and reads the answer, with no deadline and no second endpoint; as many connections as the driver. */
export function etcdCalls(url: string): (path: string, body: object) => Promise<Readonly<Record<string, unknown>>> {
  const dispatcher = new Agent({ allowH2: false, connections: 16, keepAliveTimeout: 30_000 })
  const headers = { 'content-type': 'application/json' }
  return async (path, body) => {
    const answer = await request(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body), dispatcher })
    const content = (await answer.body.json()) as Readonly<Record<string, unknown>>
    if (answer.statusCode === 200) return content
    throw new HotspareError({ code: 'HOTSPARE_BENCH_STORE', message: `bench: etcd: ${path}: status ${answer.statusCode}` })
  }
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
