import { Agent, createServer } from 'node:http'
import { createProxyServer } from 'http-proxy-3'
import { siteArguments } from './site-arguments.ts'

const { port, origins } = siteArguments()
// Without an agent it opens a connection for each request.
const proxy = createProxyServer({ target: origins[0], agent: new Agent({ keepAlive: true, maxFreeSockets: 256 }), xfwd: true })
proxy.on('error', (_error, _request, response) => void response.destroy())
createServer((request, response) => proxy.web(request, response)).listen(port, '127.0.0.1')
