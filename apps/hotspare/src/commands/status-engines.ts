import type { EngineStatus } from '@hotspare/api'

/** The engines as lines for a terminal: one that is not as its pool wants it stands out. */
export function formatEngines(engines: readonly EngineStatus[], age: (since: number) => string): string[] {
  return engines.map(({ name, type, pool, state, since, because }) => {
    const word =
      state === 'synced' ? `synced for ${age(since)}` : state === 'failing' ? `FAILING for ${age(since)}` : `waiting for ${age(since)}`
    return `engine ${name} (${type}) <- ${pool}: ${word}; ${because}`
  })
}
