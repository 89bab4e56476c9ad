import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cleanEnvironment, npmCommand, quietInstall, withoutHosts } from '@hotspare/bootstrap/npm'
import { toolchain } from '../root.ts'
import { runCommand } from '../run-command.ts'
import { tarballs } from './tarballs.ts'

/** An empty project of a user, outside of the checkout, with every packed package installed by npm. */
export class ConsumerProject {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'hotspare-examples-'))

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text)
  }

  async install(signal: AbortSignal): Promise<void> {
    const packed = tarballs()
    const specs = Object.fromEntries(packed.map(({ manifest, path }) => [manifest.name, `file:${path}`]))
    // The overrides keep a package's own dependency on a sibling from being looked up in the registry.
    const overrides = Object.fromEntries(packed.map(({ manifest }) => [manifest.name, `$${manifest.name}`]))
    this.write('package.json', JSON.stringify({ name: 'consumer', private: true, dependencies: specs, overrides }, undefined, 2))
    const result = await runCommand([...npmCommand(), ...quietInstall(join(toolchain, 'npm-cache')), '--no-package-lock'], {
      cwd: this.folder,
      env: cleanEnvironment(),
      signal,
    })
    if (!result.ok) throw new Error(`npm could not install the tarballs: it ${result.reason}\n${withoutHosts(result.output)}`)
    for (const { manifest } of packed) {
      if (!existsSync(join(this.folder, 'node_modules', manifest.name))) throw new Error(`npm did not install ${manifest.name}`)
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
