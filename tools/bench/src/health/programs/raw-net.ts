// The floor for Node: the same bytes over node:net on the same schedule, and hardly a look at what comes back.
import { connect } from 'node:net'
import { targetAddress } from '../origin.ts'
import { obeyBench, proberArguments } from './messages.ts'
import { Pacer } from './pacer.ts'

/** As the monitor's default. */
const MOST_IN_FLIGHT = 100

const { load, origin } = proberArguments()
const requests = origin.addresses.map((host) => `GET / HTTP/1.1\r\nhost: ${host}:${origin.port}\r\nconnection: close\r\n\r\n`)

function look(index: number): Promise<boolean> {
  return new Promise((resolve) => {
    let well = false
    const socket = connect({ host: targetAddress(origin, index), port: origin.port })
    socket.on('error', () => {})
    socket.once('close', () => resolve(well))
    if (load.kind === 'tcp') {
      socket.once('connect', () => {
        well = true
        socket.destroy()
      })
      return
    }
    socket.once('data', (chunk: Buffer) => {
      well = chunk.toString('latin1', 0, 12) === 'HTTP/1.1 200'
      socket.destroy()
    })
    socket.write(requests[index % requests.length] ?? '', 'latin1')
  })
}

obeyBench(new Pacer({ load, look, mostInFlight: MOST_IN_FLIGHT }))
