// A witness in its own process, with the file and the secret of its arguments.
import { createWitness } from '@hotspare/lease/witness-server'

const [file = '', secret = ''] = process.argv.slice(2)
await createWitness({ listen: { host: '0.0.0.0', port: 7402 }, file, secrets: [{ id: 1, secret }] }).start()
process.stdout.write('ready\n')
