// What Node's datagrams cost by themselves: no table, no letter case, no limit, no EDNS.
import { createSocket } from 'node:dgram'

const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 10, 0, 0, 1])
const out = Buffer.alloc(512)
const views = Array.from({ length: 513 }, (_, length) => out.subarray(0, length))
const socket = createSocket({ type: 'udp4', recvBufferSize: 1_048_576, lookup: (host, _options, callback) => callback(null, host, 4) })
socket.on('message', (bytes, from) => {
  if (bytes.length > 400) return
  bytes.copy(out)
  out[2] = 0x84
  out[7] = 1
  record.copy(out, bytes.length)
  const view = views[bytes.length + record.length]
  if (view) socket.send(view, from.port, from.address)
})
socket.bind(Number(process.argv[2]), '127.0.0.1')
process.on('disconnect', () => process.exit())
