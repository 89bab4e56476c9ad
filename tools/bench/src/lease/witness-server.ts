// A witness as an operator runs it, with default limits.
import { createWitness } from '@hotspare/lease/witness-server'
import { benchSecret } from './witness-secret.ts'

const [port, file = ''] = process.argv.slice(2)
await createWitness({ listen: { port: Number(port) }, file, secrets: [benchSecret] }).start()
