import { fileURLToPath } from 'node:url'
import { nodeSystem } from './node-system.ts'
import type { SystemUnderTest } from '../system.ts'

export const httpProxy3: SystemUnderTest = nodeSystem({
  name: 'http-proxy-3',
  setup: '1 target, keep-alive agent, X-Forwarded-*',
  package: 'http-proxy-3',
  script: fileURLToPath(new URL('../servers/http-proxy-3.ts', import.meta.url)),
})
