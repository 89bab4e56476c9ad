import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { errorCode, errorText } from '@hotspare/core'
import { usageError } from '../commands/context.ts'
import { shadowLimits } from './limits.ts'
import { shadowReportSchema } from './report-schema.ts'
import type { ShadowReport } from './report-types.ts'

/**
 * Reads a report that was written before.
 *
 * @returns undefined where there is none
 * @throws HotspareError `HOTSPARE_APP_USAGE` for a file that is no report: it is never written over
 */
export async function readReport(file: string): Promise<ShadowReport | undefined> {
  let text: string
  try {
    const { size } = await stat(file)
    if (size > shadowLimits.reportBytes) throw usageError(`${file}: larger than any report of hotspare shadow`)
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw errorCode(error)?.startsWith('HOTSPARE_') ? error : usageError(`${file}: ${errorText(error)}`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw usageError(`${file}: no report of hotspare shadow: it is no JSON; give another name`)
  }
  const parsed = shadowReportSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw usageError(
    `${file}: no report of hotspare shadow: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}; give another name`,
  )
}

/** Writes a file so that whoever reads it finds the old one or the new one, whole, whatever happens in between. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const fresh = `${file}.new`
  try {
    const handle = await open(fresh, 'w', 0o644)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(fresh, file)
  } catch (error) {
    await rm(fresh, { force: true })
    throw usageError(`${file}: cannot be written: ${errorText(error)}; name a folder that may be written with --out`)
  }
}
