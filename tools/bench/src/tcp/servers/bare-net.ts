// What Node's sockets cost by themselves: no choice of targets, no deadlines, no events.
import { connect, createServer, type Socket } from 'node:net'
import { siteArguments } from '../../proxy/servers/site-arguments.ts'

const { port, origins } = siteArguments()
const originPort = Number(new URL(origins[0]).port)

function handOn(from: Socket, to: Socket): void {
  from.on('data', (piece) => {
    if (!to.write(piece)) from.pause()
  })
  to.on('drain', () => from.resume())
  from.on('end', () => to.end())
  from.on('error', () => to.destroy())
  from.on('close', () => to.destroy())
}

createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const target = connect({ port: originPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  handOn(client, target)
  handOn(target, client)
}).listen(port, '127.0.0.1')
