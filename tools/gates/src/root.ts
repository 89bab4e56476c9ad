import { resolve } from 'node:path'

/** The top of the checkout. */
export const root: string = resolve(import.meta.dirname, '../../..')

/** Everything that the tools fetch or make stays here. */
export const toolchain: string = resolve(root, '.toolchain')
