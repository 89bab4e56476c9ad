import { fileURLToPath } from 'node:url'
import { nodeSystem } from './node-system.ts'
import type { SystemUnderTest } from '../system.ts'

export const hotspare: SystemUnderTest = nodeSystem({
  name: 'Hotspare',
  setup: '2 targets, least request, retries and events on, one subscriber, Forwarded and X-Forwarded-*',
  package: '@hotspare/proxy',
  script: fileURLToPath(new URL('../servers/hotspare.ts', import.meta.url)),
})
