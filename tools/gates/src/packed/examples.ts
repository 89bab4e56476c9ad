// The gate "examples": a user's empty project with the packed packages, on every supported Node: each sub-path can be
// imported and required, each command prints its help, and the examples of READMEs and docs run to their end.
import { root } from '../root.ts'
import { runCommand } from '../run-command.ts'
import { entryPoints } from '../workspace.ts'
import { collectExamples } from './collect-examples.ts'
import { ConsumerProject } from './consumer-project.ts'
import { installNodes, type InstalledNode } from './nodes.ts'
import { tarballs } from './tarballs.ts'

const TIME_LIMIT_MS = 30_000
const AT_A_TIME = 2

interface Run {
  readonly title: string
  readonly node: InstalledNode
  readonly nodeArguments: readonly string[]
}

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error(`ended by ${signal}`)))

const failures: string[] = []
const packages = tarballs()
const { examples, problems } = collectExamples(
  root,
  packages.map(({ folder }) => folder),
)
failures.push(...problems)

const project = new ConsumerProject()
try {
  const nodes = await installNodes(stop.signal)
  await project.install(stop.signal)
  const specifiers = packages.flatMap(({ manifest }) => entryPoints(manifest).map(({ specifier }) => specifier))
  project.write('import-all.mjs', specifiers.map((specifier) => `await import('${specifier}')\n`).join(''))
  project.write('require-all.cjs', specifiers.map((specifier) => `require('${specifier}')\n`).join(''))
  for (const { file, code } of examples) project.write(file, code)

  // Never the same example twice at a time: it may listen on a port of its choice.
  const runs = nodes.flatMap((node): Run[] => [
    { title: 'import() of every sub-path', node, nodeArguments: ['import-all.mjs'] },
    { title: 'require() of every sub-path', node, nodeArguments: ['require-all.cjs'] },
    ...packages.flatMap(({ manifest }) =>
      Object.entries(manifest.bin ?? {}).map(([command, path]) => ({
        title: `${command} --help`,
        node,
        nodeArguments: [`node_modules/${manifest.name}/${path.replace('./', '')}`, '--help'],
      })),
    ),
    ...examples.map(({ source, file }) => ({ title: source, node, nodeArguments: [file] })),
  ])
  const waiting = [...runs]
  const worker = async () => {
    for (let next = waiting.shift(); next && !stop.signal.aborted; next = waiting.shift()) await execute(next)
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
} catch (error) {
  failures.push(error instanceof Error ? error.message : String(error))
} finally {
  project.remove()
}
for (const failure of failures) console.error(failure)
process.exitCode = failures.length > 0 || stop.signal.aborted ? 1 : 0

async function execute({ title, node, nodeArguments }: Run): Promise<void> {
  const { ok, reason, output } = await runCommand([node.binary, ...nodeArguments], {
    cwd: project.folder,
    timeoutMs: TIME_LIMIT_MS,
    signal: stop.signal,
  })
  if (!ok) failures.push(`${title} on Node ${node.version}: it ${reason}\n${output}\n`)
}
