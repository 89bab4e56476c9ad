import { fastifyHttpProxy } from './systems/fastify-http-proxy.ts'
import { haproxy } from './systems/haproxy.ts'
import { hotspareApp } from './systems/hotspare-app.ts'
import { hotspare } from './systems/hotspare.ts'
import { httpProxy3 } from './systems/http-proxy-3.ts'
import { nginx } from './systems/nginx.ts'
import { undiciDispatch } from './systems/undici-dispatch.ts'
import type { SystemUnderTest } from './system.ts'

/** In the order of each round. */
export const systems: readonly SystemUnderTest[] = [hotspare, hotspareApp, undiciDispatch, fastifyHttpProxy, httpProxy3, nginx, haproxy]

/** What the tables set the others against. */
export const references: readonly SystemUnderTest[] = [haproxy, nginx]
