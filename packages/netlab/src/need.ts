import { spawnSync } from 'node:child_process'

/** What is missing here for networks of this kind, as clauses for people; empty where all is there. */
export function missingForNetworks(...programs: readonly string[]): readonly string[] {
  if (process.platform !== 'linux') return ['network namespaces are a thing of Linux']
  const missing = ['ip', 'nft', ...programs].filter((program) => spawnSync('which', [program]).status !== 0)
  return [
    ...(missing.length > 0 ? [`not installed: ${missing.join(', ')}`] : []),
    ...(process.getuid?.() === 0 ? [] : ['network namespaces need root']),
  ]
}
