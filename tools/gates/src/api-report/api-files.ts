import { existsSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { entryPoints, type WorkspacePackage } from '../workspace.ts'
import { apiReport } from './report.ts'

/** The checked-in report of a package, and what it should say. */
export interface ApiFile {
  readonly path: string
  readonly current: string
  readonly wanted: string
}

const HEADER = (name: string) => `# The API of ${name}

Written by \`npm test -- --update-api\` from the built declarations; a change here is a change for users.
`

/** @throws when a declaration file is missing or cannot be read */
export function apiFile({ folder, manifest }: WorkspacePackage): ApiFile {
  const path = join(folder, 'api.md')
  const readFile = (file: string) => {
    const full = join(folder, normalize(file))
    return existsSync(full) ? readFileSync(full, 'utf8') : undefined
  }
  return {
    path,
    current: existsSync(path) ? readFileSync(path, 'utf8') : '',
    wanted: `${HEADER(manifest.name)}\n${apiReport(entryPoints(manifest), readFile)}`,
  }
}
