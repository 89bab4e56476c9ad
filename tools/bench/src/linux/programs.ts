import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** Debian installs servers here, and does not look here for users. */
const SERVER_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/** @returns the full path of a program; undefined where the machine does not have it */
export async function findProgram(name: string, among: readonly string[] = usualFolders()): Promise<string | undefined> {
  for (const folder of among) {
    const candidate = join(folder, name)
    const executable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (executable) return candidate
  }
  return undefined
}

function usualFolders(): readonly string[] {
  return [...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''), ...SERVER_FOLDERS]
}

/** @returns the first thing in what the program prints that looks like a version; some print it on stderr and exit with 1 */
export function programVersion(program: string, versionArgument: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, [versionArgument], { timeout: 5_000 }, (_error, stdout, stderr) => {
      resolve(/\d+\.\d+(?:\.\d+)?/.exec(`${stdout}${stderr}`)?.[0] ?? 'unknown')
    })
  })
}
