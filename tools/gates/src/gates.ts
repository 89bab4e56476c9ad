import type { Gate } from './gate.ts'

/** Without the docs: what is published does not wait for the site that describes it. */
export const BUILD_PACKAGES: Gate['command'] = [
  'turbo',
  'run',
  'build',
  '--filter=!docs',
  '--continue=dependencies-successful',
  '--concurrency=2',
  '--output-logs=errors-only',
  '--no-update-notifier',
]

/** Written so that the first ones are needed by later ones; two run at a time. */
export const gates: readonly Gate[] = [
  {
    name: 'build',
    why: 'every package builds to JavaScript and declarations',
    command: BUILD_PACKAGES,
  },
  {
    name: 'types',
    why: 'the sources, tests and tools satisfy the type checker',
    command: ['tsc', '-p', 'tsconfig.json'],
  },
  {
    name: 'lint',
    why: 'no floating promise, no hidden clock, no import cycle: the rules of .oxlintrc.json',
    command: ['oxlint', '--type-aware', '--quiet'],
  },
  {
    name: 'format',
    why: 'one format, made by `oxfmt`',
    command: ['oxfmt', '--check'],
  },
  {
    name: 'boundaries',
    why: 'a package imports core and no sibling, and nothing imports an app: the tags of turbo.json',
    command: ['turbo', 'boundaries', '--no-update-notifier'],
  },
  {
    name: 'unused',
    why: 'no file, export or dependency that nothing uses',
    command: ['knip'],
  },
  {
    name: 'changesets',
    why: 'the pending changesets make a release in which every package has the same version',
    command: ['node', 'tools/gates/src/changesets.ts'],
  },
  {
    name: 'api',
    why: 'the public declarations are those of the checked-in api.md files, so that a change is seen in review',
    command: ['node', 'tools/gates/src/api-report/cli.ts'],
    needs: ['build'],
  },
  {
    name: 'pack',
    why: 'each published package can be packed',
    command: ['node', 'tools/gates/src/packed/pack.ts'],
    needs: ['build'],
  },
  {
    name: 'publint',
    why: 'the packed package.json fits the packed files',
    command: ['node', 'tools/gates/src/packed/each-tarball.ts', 'publint', '--strict'],
    needs: ['pack'],
  },
  {
    name: 'declarations',
    why: 'the types of every sub-path resolve for those who import it (are-the-types-wrong)',
    command: ['node', 'tools/gates/src/packed/each-tarball.ts', 'attw', '--profile', 'esm-only', '--no-emoji', '--format', 'ascii'],
    needs: ['pack'],
  },
  {
    name: 'examples',
    why: 'the packed packages install into an empty project, and the examples of READMEs and docs run on every supported Node',
    command: ['node', 'tools/gates/src/packed/examples.ts'],
    needs: ['pack'],
  },
  {
    name: 'docs',
    why: 'the documentation builds, without a dead link',
    command: ['turbo', 'run', 'build', '--filter=docs', '--output-logs=errors-only', '--no-update-notifier'],
    needs: ['build'],
  },
]
