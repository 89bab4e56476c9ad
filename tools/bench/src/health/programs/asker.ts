// Asks a blackbox_exporter for its looks, as Prometheus would: over connections that are kept.
import { Pool } from 'undici'
import { targetAddress } from '../origin.ts'
import { obeyBench, proberArguments } from './messages.ts'
import { Pacer } from './pacer.ts'

/** Enough to keep one core busy. */
const CONNECTIONS = 32
const ANSWER_WITHIN_MS = 10_000

const { load, origin, proberPort = 0 } = proberArguments()
const exporter = new Pool(`http://127.0.0.1:${proberPort}`, {
  connections: CONNECTIONS,
  headersTimeout: ANSWER_WITHIN_MS,
  bodyTimeout: ANSWER_WITHIN_MS,
})
const [moduleName, scheme] = load.kind === 'http' ? ['http_2xx', 'http://'] : ['tcp_connect', '']
const paths = origin.addresses.map((_, index) => {
  const target = `${scheme}${targetAddress(origin, index)}:${origin.port}`
  return `/probe?module=${moduleName}&target=${encodeURIComponent(target)}`
})

async function look(index: number): Promise<boolean> {
  try {
    const { statusCode, body } = await exporter.request({ method: 'GET', path: paths[index % paths.length] ?? '' })
    const text = await body.text()
    return statusCode === 200 && text.includes('\nprobe_success 1')
  } catch {
    return false
  }
}

obeyBench(new Pacer({ load, look, mostInFlight: CONNECTIONS }))
