import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startChild, whenReady } from '../../linux/child.ts'
import { freePorts } from '../../linux/free-ports.ts'
import { findProgram, programVersion } from '../../linux/programs.ts'
import { startNodeProber } from '../node-prober.ts'
import type { ProbeSubject } from '../subject.ts'
import { writeFiles } from '../write-files.ts'

const ASKER = fileURLToPath(new URL('../programs/asker.ts', import.meta.url))
const READY_WITHIN_MS = 15_000

/** As Debian's own file has them, without a first try over IPv6. */
const MODULES = `modules:
  http_2xx:
    prober: http
    http:
      preferred_ip_protocol: ip4
  tcp_connect:
    prober: tcp
    tcp:
      preferred_ip_protocol: ip4
`

/** Debian's name for it, and its own. */
async function findExporter(): Promise<string | undefined> {
  return (await findProgram('prometheus-blackbox-exporter')) ?? findProgram('blackbox_exporter')
}

export const blackbox: ProbeSubject = {
  name: 'blackbox_exporter',
  setup: 'modules http_2xx and tcp_connect; each look is asked for over a kept connection, and its metrics are the answer',
  install: 'apt-get install prometheus-blackbox-exporter',
  takesMany: false,
  async find() {
    const program = await findExporter()
    return program === undefined ? undefined : programVersion(program, '--version')
  },
  async start(site) {
    const { folder, cores, random, adopt } = site
    const program = (await findExporter()) ?? 'prometheus-blackbox-exporter'
    const [proberPort = 0] = await freePorts(1, random)
    await writeFiles(folder, { 'blackbox.yml': MODULES })
    const given = [`--config.file=${join(folder, 'blackbox.yml')}`, `--web.listen-address=127.0.0.1:${proberPort}`]
    const exporter = adopt(await startChild({ name: 'blackbox_exporter', program, arguments: given, core: cores.proxy }))
    const healthy = async () => (await fetch(`http://127.0.0.1:${proberPort}/-/healthy`)).ok || undefined
    await whenReady(exporter, healthy, READY_WITHIN_MS)
    const asker = await startNodeProber({ name: 'who asks blackbox_exporter', script: ASKER, core: cores.load, proberPort }, site)
    return { ...asker, begin: () => asker.begin().then(() => exporter) }
  },
}
