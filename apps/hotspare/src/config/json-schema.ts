import { z } from 'zod'
import { configSchema } from './schema.ts'

/** The schema of the file for editors (JSON Schema, draft 2020-12): completion, help on each key, errors while typing. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-2020-12' })
  return {
    $schema,
    $id: 'urn:hotspare:configuration',
    title: 'Hotspare configuration',
    description:
      'hotspare.yaml: the pools, proxies and alerts of one node. Durations are written 500ms, 30s, 10m; ${env:NAME} and ${file:/path} stand for secrets.',
    ...rest,
  }
}
