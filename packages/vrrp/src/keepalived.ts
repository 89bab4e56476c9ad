import { globSync, readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { errorCode, HotspareError } from '@hotspare/core'
import { keepalivedDefaults } from './defaults.ts'
import type { SourceText } from './keepalived/expand.ts'
import type { KeepalivedConfig } from './keepalived/model.ts'
import { parseKeepalived } from './keepalived/parse.ts'

export type { IncludeReader, Problem, SourceText } from './keepalived/expand.ts'
export type {
  KeepalivedConfig,
  KeepalivedInstance,
  KeepalivedScript,
  Place,
  Track,
  Unread,
  VirtualAddressEntry,
} from './keepalived/model.ts'
export { parseKeepalived } from './keepalived/parse.ts'
export type { ParseOptions } from './keepalived/parse.ts'

/**
 * Reads a configuration of keepalived with all that it includes; see {@link parseKeepalived}.
 *
 * @param file `/etc/keepalived/keepalived.conf`, as a rule
 * @throws HotspareError `HOTSPARE_VRRP_CONFIG` if the file itself cannot be read; a file that it includes is a problem in the result
 */
export function readKeepalived(file: string, options: { readonly configId?: string | undefined } = {}): KeepalivedConfig {
  let text: string
  try {
    text = readBounded(file)
  } catch (error) {
    if (HotspareError.is(error)) throw error
    throw unfit(file, errorCode(error) ?? 'it cannot be read', error)
  }
  return parseKeepalived({ file, text }, { ...options, read: readIncluded })
}

/** Relative to the file that includes it, with wildcards and braces, in the order of their names. */
function readIncluded(pattern: string, from: string): readonly SourceText[] {
  const folder = dirname(from)
  try {
    return globSync(pattern, { cwd: folder })
      .map((found) => (isAbsolute(found) ? found : resolve(folder, found)))
      .toSorted()
      .slice(0, keepalivedDefaults.maxFiles)
      .flatMap(readQuietly)
  } catch {
    return []
  }
}

function readQuietly(file: string): readonly SourceText[] {
  try {
    return [{ file, text: readBounded(file) }]
  } catch {
    return []
  }
}

/** A pipe or a device would keep us waiting. */
function readBounded(file: string): string {
  const facts = statSync(file)
  if (!facts.isFile()) throw unfit(file, 'it is no file')
  if (facts.size > keepalivedDefaults.maxFileBytes) throw unfit(file, 'it is larger than any configuration')
  return readFileSync(file, 'utf8')
}

function unfit(file: string, why: string, cause?: unknown): HotspareError {
  const message = `keepalived.conf: ${file}: ${why}: give the path of keepalived's own file`
  return new HotspareError({ code: 'HOTSPARE_VRRP_CONFIG', message, cause })
}
