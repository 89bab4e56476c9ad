import { fileURLToPath } from 'node:url'
import { startNodePair } from '../node-pair.ts'
import type { HeartbeatSubject } from '../subject.ts'

const NODE = fileURLToPath(new URL('../programs/raw-node.ts', import.meta.url))
const PEERS = fileURLToPath(new URL('../programs/raw-peers.ts', import.meta.url))

export const rawDgram: HeartbeatSubject = {
  name: 'raw node:dgram',
  setup: 'as many packets of the same 104 bytes on the same schedule, unsigned and unread: the floor for Node',
  onNode: true,
  install: 'nothing to install',
  find: () => Promise.resolve(`of Node ${process.versions.node}`),
  start: (site) => startNodePair('raw node:dgram', NODE, PEERS, site),
}
