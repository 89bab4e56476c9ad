import { type CallExpression, type ObjectExpression, parseSync, Visitor } from 'oxc-parser'
import { HotspareError } from '@hotspare/core'
import { errorMeanings } from './error-meanings.ts'
import { code, listed } from './markdown.ts'
import { loadAppModule, productSources, type SourceFile } from './sources.ts'

export interface ErrorCode {
  readonly code: `HOTSPARE_${string}`
  /** Where it is thrown: `@hotspare/health`. */
  readonly packages: readonly string[]
  /** Whether the same call may succeed later: as the throwing places say it. */
  readonly retryable: 'yes' | 'no' | 'sometimes'
}

/**
 * Every code that the product's sources can put into an error: the `code` of an object that also has a `message`, and what a function
 * that is called something with `Error` gets before its message.
 */
export function findErrorCodes(files: readonly SourceFile[]): ErrorCode[] {
  const found = new Map<ErrorCode['code'], { packages: Set<string>; retryable: Set<ErrorCode['retryable']> }>()
  for (const { path, text } of files) {
    const take = (codes: string | undefined, retryable: string | undefined) => {
      for (const [, name = ''] of (codes ?? '').matchAll(/'HOTSPARE_(\w+)'/g)) {
        const known = found.get(`HOTSPARE_${name}`)
        const entry = known ?? { packages: new Set(), retryable: new Set() }
        found.set(`HOTSPARE_${name}`, entry)
        entry.packages.add(packageOf(path))
        entry.retryable.add(retryableOf(retryable))
      }
    }
    const visitor = new Visitor({
      ObjectExpression(node) {
        // `optionsError` of core makes the message of the issues.
        if (valueOf(node, 'message', text) === undefined && valueOf(node, 'issues', text) === undefined) return
        take(valueOf(node, 'code', text), valueOf(node, 'retryable', text))
      },
      CallExpression(node) {
        const { codes, options } = errorCall(node, text)
        take(codes, options && valueOf(options, 'retryable', text))
      },
    })
    visitor.visit(parseSync(path, text).program)
  }
  return [...found]
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([name, { packages, retryable }]) => {
      const [only = 'no'] = retryable
      return { code: name, packages: [...packages], retryable: retryable.size === 1 ? only : 'sometimes' }
    })
}

/** `dnsError('HOTSPARE_DNS_VALUE', message, { retryable: true })` */
function errorCall({ callee, arguments: given }: CallExpression, text: string) {
  const [first, message, last] = given
  if (callee.type !== 'Identifier' || !callee.name.endsWith('Error') || !first || !message) return {}
  return { codes: text.slice(first.start, first.end), options: last?.type === 'ObjectExpression' ? last : undefined }
}

function valueOf(node: ObjectExpression, key: string, text: string): string | undefined {
  for (const property of node.properties) {
    if (property.type !== 'Property' || property.key.type !== 'Identifier' || property.key.name !== key) continue
    return text.slice(property.value.start, property.value.end)
  }
  return undefined
}

function retryableOf(value: string | undefined): ErrorCode['retryable'] {
  if (value === undefined || value === 'false') return 'no'
  return value === 'true' ? 'yes' : 'sometimes'
}

function packageOf(path: string): string {
  const [group, name = ''] = path.split('/')
  return group === 'apps' ? name : `@hotspare/${name}`
}

export async function errorReference(): Promise<string> {
  const { exitCodeOf } = await loadAppModule<{ exitCodeOf: (error: unknown) => number }>('commands/context.ts')
  const codes = findErrorCodes(productSources())
  assertSame(
    codes.map((each) => each.code),
    Object.keys(errorMeanings),
  )
  return codes
    .map(({ code: name, packages, retryable }) => {
      const exitCode = exitCodeOf(new HotspareError({ code: name, message: '' }))
      const facts = `From ${listed(packages, 'and')}. Worth another try: ${retryable}. Exit code: ${exitCode}.`
      return [`## ${code(name)}`, errorMeanings[name] ?? '', facts].join('\n\n')
    })
    .join('\n\n')
}

function assertSame(inSources: readonly string[], explained: readonly string[]): void {
  const unexplained = inSources.filter((name) => !explained.includes(name))
  const gone = explained.filter((name) => !inSources.includes(name))
  if (unexplained.length > 0) throw new Error(`error-meanings.ts does not explain ${unexplained.join(', ')}`)
  if (gone.length > 0) throw new Error(`error-meanings.ts explains what no source throws: ${gone.join(', ')}`)
}
