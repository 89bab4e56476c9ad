import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The top of the checkout. */
export const root: string = resolve(import.meta.dirname, '../..')

/** A file of the product's own code. */
export interface SourceFile {
  /** From the top of the checkout. */
  readonly path: string
  readonly text: string
}

export function readSource(path: string): SourceFile {
  return { path, text: readFileSync(join(root, path), 'utf8') }
}

/** What runs at a user's: no tests, and nothing that only tests use. */
export function productSources(): readonly SourceFile[] {
  return globSync('{packages,apps}/*/src/**/*.ts', { cwd: root })
    .filter((path) => !/\.(?:test|fixture)\.ts$|\/e2e\//.test(path))
    .toSorted()
    .map(readSource)
}

/**
 * A module of the app, run and not read: what it says is then what it does.
 * By its path, since these are no part of what the app exports.
 */
export async function loadAppModule<Module>(path: string): Promise<Module> {
  return (await import(new URL(path, `file://${root}/apps/hotspare/src/`).href)) as Module
}
