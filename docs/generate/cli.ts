// Writes the parts of the site that are made from the product itself into .generated/, from where pages include them.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { balanceParts } from './balance/parts.ts'
import { commandReference, hotspare } from './commands.ts'
import { configurationReference, type SchemaNode } from './configuration.ts'
import { dnsProviderReference } from './dns-providers.ts'
import { errorReference } from './error-codes.ts'
import { eventReference } from './events.ts'
import { metricReference } from './metrics.ts'
import { probeReference } from './probes.ts'

const folder = resolve(import.meta.dirname, '../.generated')

const parts: Readonly<Record<string, () => string | Promise<string>>> = {
  'configuration.md': async () => configurationReference(JSON.parse(await hotspare('schema')) as SchemaNode),
  'cli.md': commandReference,
  'events.md': eventReference,
  'metrics.md': metricReference,
  'errors.md': errorReference,
  'probes.md': probeReference,
  'dns-providers.md': dnsProviderReference,
  ...balanceParts,
}

// All are made before the first is written: a part that fails leaves the last good ones.
const made = await Promise.all(Object.entries(parts).map(async ([file, make]) => [file, await make()] as const))
rmSync(folder, { recursive: true, force: true })
for (const [file, text] of made) {
  mkdirSync(dirname(resolve(folder, file)), { recursive: true })
  writeFileSync(resolve(folder, file), `${text}\n`)
}
