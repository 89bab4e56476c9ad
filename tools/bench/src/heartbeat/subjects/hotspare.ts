import { fileURLToPath } from 'node:url'
import { packageVersion } from '../../package-version.ts'
import { startNodePair } from '../node-pair.ts'
import type { HeartbeatSubject } from '../subject.ts'

const NODE = fileURLToPath(new URL('../programs/node.ts', import.meta.url))
const PEERS = fileURLToPath(new URL('../programs/peers.ts', import.meta.url))

export const hotspare: HeartbeatSubject = {
  name: 'Hotspare',
  setup: 'one path for each peer, HMAC-SHA256, a counter in a file, the default detector, one subscriber',
  onNode: true,
  install: 'pnpm install (the package @hotspare/heartbeat)',
  find: () => Promise.resolve(packageVersion('@hotspare/heartbeat')),
  start: (site) => startNodePair('Hotspare', NODE, PEERS, site),
}
