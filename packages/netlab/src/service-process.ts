// A service that stands in for a real one: whoever sends a line to one of its ports is told its name; a GET is answered as over HTTP.
import { createServer, type Socket } from 'node:net'

const LONGEST_REQUEST = 4_096
const IDLE_MS = 5_000

const [name = '', ...ports] = process.argv.slice(2)

function serve(socket: Socket): void {
  let request = ''
  socket.setTimeout(IDLE_MS, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    request += chunk.toString('latin1')
    if (request.length > LONGEST_REQUEST) socket.destroy()
    else if (!request.startsWith('GET ')) {
      if (request.includes('\n')) socket.end(`${name}\n`)
    } else if (request.includes('\r\n\r\n')) {
      const status = request.startsWith('GET /healthz ') ? '200 OK' : '404 Not Found'
      socket.end(`HTTP/1.1 ${status}\r\ncontent-length: ${name.length + 1}\r\nconnection: close\r\n\r\n${name}\n`)
    }
  })
}

let listening = 0
for (const port of ports) {
  createServer({ noDelay: true }, serve).listen(Number(port), () => {
    listening += 1
    if (listening === ports.length) process.stdout.write('ready\n')
  })
}
