// The gate "pack": a tarball of each published package, as a release would upload it.
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { cleanEnvironment } from '@hotspare/bootstrap/npm'
import { runCommand } from '../run-command.ts'
import { packedFolder, tarballs } from './tarballs.ts'

rmSync(packedFolder, { recursive: true, force: true })
mkdirSync(packedFolder, { recursive: true })
for (const { manifest, folder, path } of tarballs()) {
  const { ok, reason, output } = await runCommand(['pnpm', 'pack', '--pack-destination', packedFolder], {
    cwd: folder,
    env: cleanEnvironment(),
    timeoutMs: 60_000,
  })
  if (ok && existsSync(path)) continue
  console.error(`${manifest.name}: pnpm pack ${ok ? `did not write ${path}` : reason}\n${output}`)
  process.exitCode = 1
}
