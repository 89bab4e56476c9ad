import type { Finding } from './finding.ts'

/** @returns lines for people: what was found, and below it what to do */
export function formatFindings(findings: readonly Finding[]): readonly string[] {
  return findings.flatMap(({ severity, code, where, what, fix }) => [`${severity}: ${where}: ${what} [${code}]`, `  ${fix}`])
}
