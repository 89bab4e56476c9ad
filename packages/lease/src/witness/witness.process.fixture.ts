import { createWitness } from '../witness-server.ts'

/** A process of its own: a witness with the file, the port and the secret of its arguments; prints its port once it listens. */
const [file = '', port = '0', secret = ''] = process.argv.slice(2)
const logger = { debug() {}, info() {}, warn() {}, error: (fields: object, message: string) => console.error(message, fields) }
const witness = createWitness({ listen: { port: Number(port) }, file, secrets: [{ id: 1, secret }], logger })
await witness.start()
console.log(witness.address?.port)
