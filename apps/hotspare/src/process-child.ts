// The program of the guard's children; imported anywhere else, it does nothing. Each loads only what it is made of.
import { type Role, roleOf } from './process/launch.ts'
import { lowerPriority } from './process/priority.ts'

// Not awaited: a module that waits at its top cannot be loaded by `require()`.
async function run(role: Role): Promise<void> {
  process.title = `hotspare ${role}`
  lowerPriority()
  if (role === 'control') (await import('./commands/child/control.ts')).runControlChild()
  else (await import('./commands/child/worker.ts')).runWorkerChild()
}

const role = process.send ? roleOf(process.argv) : undefined
if (role) void run(role)
