import { resolve } from 'node:path'

/** Parameters of Node that run `hotspare` from its sources. */
export const HOTSPARE_CLI: readonly string[] = [
  '--conditions=@hotspare/source',
  resolve(import.meta.dirname, '../../../apps/hotspare/src/cli.ts'),
]
