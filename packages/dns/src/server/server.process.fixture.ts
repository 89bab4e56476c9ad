// A server in a process of its own, on sockets that its parent has bound: `udp` and `tcp` messages bring them.
import { createDnsServer } from '../server.ts'

const handed: { udp: object[]; tcp: object[] } = { udp: [], tcp: [] }
const [address = ''] = process.argv.slice(2)

process.on('message', (message, handle) => {
  if (message === 'udp') handed.udp.push(handle as object)
  if (message === 'tcp') handed.tcp.push(handle as object)
  if (handed.udp.length === 0 || handed.tcp.length === 0) return
  const server = createDnsServer({
    zones: [
      {
        name: 'example.test',
        nameServers: ['ns1.example.test'],
        records: [{ name: 'www.example.test', type: 'A', ttlSeconds: 5, values: [address] }],
      },
    ],
    sockets: handed,
  })
  void server.start().then(() => process.send?.('listening'))
})
process.send?.('ready')
