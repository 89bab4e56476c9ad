import { fileURLToPath } from 'node:url'
import { startNodeProber } from '../node-prober.ts'
import type { ProbeSubject } from '../subject.ts'

const PROBER = fileURLToPath(new URL('../programs/raw-net.ts', import.meta.url))

export const rawNet: ProbeSubject = {
  name: 'raw node:net',
  setup: 'connect, write, look at 12 bytes, destroy: no deadline, no parser, no verdict: the floor for Node',
  install: 'nothing to install',
  takesMany: false,
  find: () => Promise.resolve(`of Node ${process.versions.node}`),
  async start(site) {
    const prober = await startNodeProber({ name: 'raw node:net', script: PROBER, core: site.cores.proxy }, site)
    return { ...prober, begin: () => prober.begin().then(() => prober.child) }
  },
}
