import { fileURLToPath } from 'node:url'
import type { DnsSystem } from '../system.ts'

const SCRIPT = fileURLToPath(new URL('../servers/bare-dgram.ts', import.meta.url))

export const bareDgram: DnsSystem = {
  name: 'bare node:dgram',
  setup: 'copies the question in front of one record, whatever is asked: what Node takes for a datagram in and one out',
  install: 'nothing to install',
  changesShare: 0,
  find: () =>
    Promise.resolve({
      version: `of Node ${process.versions.node}`,
      launch: ({ port }) => ({ files: {}, program: process.execPath, arguments: [SCRIPT, `${port}`] }),
    }),
}
