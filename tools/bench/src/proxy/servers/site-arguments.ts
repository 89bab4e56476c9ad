import { HotspareError } from '@hotspare/core'

/** Reads what the bench gives a server on its command line: where to listen, and where the origins are. */
export function siteArguments(): { readonly port: number; readonly origins: readonly [string, string] } {
  const [port, first, second] = process.argv.slice(2).map(Number)
  if (port === undefined || first === undefined || second === undefined) {
    throw new HotspareError({ code: 'HOTSPARE_BENCH_ARGUMENTS', message: 'usage: PORT ORIGIN_PORT ORIGIN_PORT' })
  }
  return { port, origins: [`http://127.0.0.1:${first}`, `http://127.0.0.1:${second}`] }
}
