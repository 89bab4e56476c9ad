import { describe, expect, it } from 'vitest'
import { apiReport } from './report.ts'

/** A package with one sub-path, `dist/index.d.ts`, unless more are named. */
function report(files: Record<string, string>, entries = [{ specifier: 'pkg', types: './dist/index.d.ts' }]): string {
  return apiReport(entries, (path) => files[path.replace(/^\.\//, '')])
}

describe('apiReport', () => {
  it('refuses a declaration file that is missing', () => {
    expect(() => report({})).toThrow('./dist/index.d.ts is missing: was the package built?')
    expect(() => report({ 'dist/index.d.ts': "export { a } from './a.ts';" })).toThrow('dist/a.d.ts is missing')
  })

  it('refuses a declaration file that does not parse', () => {
    expect(() => report({ 'dist/index.d.ts': 'export declare function (' })).toThrow('index.d.ts')
  })

  it('refuses everything of another package, because that is not ours to list', () => {
    expect(() => report({ 'dist/index.d.ts': "export * from 'undici';" })).toThrow('name what is exported')
  })

  it('prints what is exported by name, without its documentation', () => {
    const files = {
      'dist/index.d.ts': "export { open } from './door.ts';\nexport { type Door as Gate } from './door.js';\nexport * from './window.ts';",
      'dist/door.d.ts': `
        /** A door. */
        export interface Door {
            /** In millimetres. */
            readonly width: number; // wide
        }
        export declare function open(door: Door): void;
        export declare function open(door: Door, slowly: boolean): void;
        export declare const unused: number;`.replaceAll(/^ {8}/gm, ''),
      'dist/window.d.ts': 'export type Pane = string;',
    }

    expect(report(files)).toBe(
      [
        '## pkg',
        '',
        '```ts',
        '// exported as Gate',
        'export interface Door {',
        '    readonly width: number;',
        '}',
        '',
        'export type Pane = string;',
        '',
        'export declare function open(door: Door): void;',
        'export declare function open(door: Door, slowly: boolean): void;',
        '```',
        '',
      ].join('\n'),
    )
  })

  it('adds what the exports need and nothing exports, from this package and from others', () => {
    const files = {
      'dist/index.d.ts':
        "import type { Dispatcher } from 'undici';\nimport { Hidden } from './hidden.ts';\nexport declare function f(d: Dispatcher, h: Hidden): void;",
      'dist/hidden.d.ts':
        'interface Deeper { readonly deep: true; }\nexport interface Hidden extends Deeper { }\nexport interface Unrelated { }',
    }

    expect(report(files).split('// Not exported, used above:\n\n')[1]).toBe(
      [
        'interface Deeper { readonly deep: true; }',
        '',
        'interface Hidden extends Deeper { }',
        '',
        "import { Dispatcher } from 'undici'",
        '```',
        '',
      ].join('\n'),
    )
  })

  it('prints a declaration once, however many sub-paths need it', () => {
    const files = {
      'dist/index.d.ts': "export { Door } from './door.ts';",
      'dist/testing.d.ts': "import { Door } from './door.ts';\nexport declare const fake: Door;",
      'dist/door.d.ts': 'export interface Door { }',
    }
    const text = report(files, [
      { specifier: 'pkg', types: './dist/index.d.ts' },
      { specifier: 'pkg/testing', types: './dist/testing.d.ts' },
    ])

    expect(text.match(/interface Door/g)).toHaveLength(1)
    expect(text).toContain('## pkg/testing\n\n```ts\nexport declare const fake: Door;\n```')
  })

  it('survives declarations that need each other', () => {
    const text = report({ 'dist/index.d.ts': 'interface A { b: B }\ninterface B { a: A }\nexport declare const a: A;' })

    expect(text).toContain('interface A { b: B }\n\ninterface B { a: A }')
  })
})
