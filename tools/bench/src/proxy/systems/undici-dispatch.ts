import { fileURLToPath } from 'node:url'
import { nodeSystem } from './node-system.ts'
import type { SystemUnderTest } from '../system.ts'

export const undiciDispatch: SystemUnderTest = nodeSystem({
  name: 'bare undici.dispatch',
  setup: '1 target, headers passed on, nothing else: the floor for node:http in front of undici',
  package: 'undici',
  script: fileURLToPath(new URL('../servers/undici-dispatch.ts', import.meta.url)),
})
