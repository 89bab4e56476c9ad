// The program of the guard's children; imported anywhere else, it does nothing. Each loads only what it is made of.
import { roleOf } from './process/launch.ts'

const role = process.send ? roleOf(process.argv) : undefined
if (role) process.title = `hotspare ${role}`
if (role === 'control') (await import('./commands/child/control.ts')).runControlChild()
if (role === 'worker') (await import('./commands/child/worker.ts')).runWorkerChild()
