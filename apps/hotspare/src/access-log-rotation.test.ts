import { expect, it } from 'vitest'
import { rotationStep } from './access-log-rotation.ts'

const open = { device: 1, inode: 7 }

it.each([
  ['nothing, while the file has its name', { device: 1, inode: 7 }, false, 'keep'],
  ['nothing, once the name is back', { device: 1, inode: 7 }, true, 'keep'],
  ['to open it anew, when another file has the name', { device: 1, inode: 8 }, false, 'reopen'],
  ['to open it anew, when the name leads to another disk', { device: 2, inode: 7 }, false, 'reopen'],
  ['to wait, when nothing has the name: somebody may be about to give it to a new file', undefined, false, 'wait'],
  ['to open it anew, when nobody has done that', undefined, true, 'reopen'],
] as const)('the log has to do %s', (_what, found, wasMissing, step) => {
  expect(rotationStep({ open, found, wasMissing })).toBe(step)
})
