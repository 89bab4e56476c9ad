import { fileURLToPath } from 'node:url'
import { nodeSystem } from './node-system.ts'
import type { SystemUnderTest } from '../system.ts'

export const fastifyHttpProxy: SystemUnderTest = nodeSystem({
  name: '@fastify/http-proxy',
  setup: '1 target, fastify 5, its defaults',
  package: '@fastify/http-proxy',
  script: fileURLToPath(new URL('../servers/fastify-http-proxy.ts', import.meta.url)),
})
