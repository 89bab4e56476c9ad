import { join } from 'node:path'
import { leaseName, recordText } from '../records.ts'
import { replaceFile } from '../replace-file.ts'
import type { LeaseSubject } from '../subject.ts'

/** What the witness has around one record: format, version, checksum, name. */
const AROUND_THE_RECORD = 'x'.repeat(137)

export const bareFile: LeaseSubject = {
  name: 'bare file',
  store: 'witness',
  role: 'floor',
  serverless: true,
  setup: 'no HTTP: writes a file of the same size, syncs it, renames it, syncs the folder; a file for each lease',
  async open({ folder }) {
    let renewal = 0
    return {
      renew(lease) {
        renewal += 1
        return replaceFile(join(folder, leaseName(lease)), `${AROUND_THE_RECORD}${recordText(renewal)}\n`)
      },
    }
  },
}
