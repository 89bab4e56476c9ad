import { fileURLToPath } from 'node:url'
import { packageVersion } from '../../package-version.ts'
import { startNodeProber } from '../node-prober.ts'
import type { ProbeSubject } from '../subject.ts'

const MONITOR = fileURLToPath(new URL('../programs/monitor.ts', import.meta.url))

export const hotspare: ProbeSubject = {
  name: 'Hotspare',
  setup: 'a monitor with its defaults (self-doubt, histories of 20, 100 in flight), httpProbe or tcpProbe, one subscriber',
  install: 'pnpm install (the package @hotspare/health)',
  takesMany: true,
  find: () => Promise.resolve(packageVersion('@hotspare/health')),
  async start(site) {
    const prober = await startNodeProber({ name: 'Hotspare', script: MONITOR, core: site.cores.proxy }, site)
    return { ...prober, begin: () => prober.begin().then(() => prober.child) }
  },
}
