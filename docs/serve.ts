// `npm run docs`: makes the generated parts and serves the site on loopback until Ctrl-C.
import { createServer } from 'vitepress'

await import('./generate/cli.ts')
const server = await createServer(import.meta.dirname, { host: '127.0.0.1' })
await server.listen()
server.printUrls()
server.bindCLIShortcuts({ print: true })
