import fastifyHttpProxy from '@fastify/http-proxy'
import fastify from 'fastify'
import { siteArguments } from './site-arguments.ts'

const { port, origins } = siteArguments()
const server = fastify({ logger: false })
await server.register(fastifyHttpProxy, { upstream: origins[0] })
await server.listen({ host: '127.0.0.1', port })
