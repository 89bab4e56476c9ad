// The gate "api": compares the checked-in api.md of each published package with its declarations; `--write` writes them.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { root } from '../root.ts'
import { publishablePackages } from '../workspace.ts'
import { apiFile } from './api-files.ts'

const write = process.argv.includes('--write')
let differences = 0
for (const workspacePackage of publishablePackages(root)) {
  try {
    const { path, current, wanted } = apiFile(workspacePackage)
    if (current === wanted) continue
    if (write) {
      writeFileSync(path, wanted)
      console.log(`wrote ${relative(root, path)}`)
    } else {
      differences++
      console.error(current === '' ? `${relative(root, path)} is missing` : difference(path, wanted))
    }
  } catch (error) {
    differences++
    console.error(`${workspacePackage.manifest.name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
if (differences > 0) {
  if (!write) console.error('If the change is meant, run `npm test -- --update-api` and commit the result.')
  process.exitCode = 1
}

/** As git shows it; git is what a reviewer reads it with. */
function difference(path: string, wanted: string): string {
  const { stdout, error } = spawnSync('git', ['diff', '--no-index', '--no-color', '--', path, '-'], { input: wanted, encoding: 'utf8' })
  return error ? `${relative(root, path)} is out of date` : stdout
}
