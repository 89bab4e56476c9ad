// The gate "changesets": can the pending changesets be turned into a release, and does everything get one version?
// It asks neither git nor a remote, so it holds in any clone.
import { getReleasePlan } from '@changesets/get-release-plan'
import { root } from './root.ts'
import { readPackages } from './workspace.ts'

const problems: string[] = []
const packages = readPackages(root)
for (const { folder, manifest } of packages) {
  if (manifest.version === undefined) problems.push(`${folder}/package.json: give it a version (a private package: "0.0.0")`)
}
const published = packages.flatMap(({ manifest }) => (manifest.private === true ? [] : [manifest]))
const current = new Set(published.map(({ version }) => version))
if (current.size > 1) problems.push(`the published packages have more than one version: ${[...current].join(', ')}`)

if (problems.length === 0) {
  try {
    const { releases } = await getReleasePlan(root)
    const next = new Set(releases.filter(({ type }) => type !== 'none').map(({ newVersion }) => newVersion))
    if (next.size > 1) problems.push(`the next release has more than one version: ${[...next].join(', ')}`)
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
  }
}
for (const problem of problems) console.error(problem)
process.exitCode = problems.length > 0 ? 1 : 0
