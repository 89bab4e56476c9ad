import type { Document, YAMLError } from 'yaml'
import type { ConfigProblem, Position } from './problem.ts'

/** What the parser's own words leave open, by its codes. */
const WORDS: Readonly<Record<string, { readonly message?: string; readonly hint?: string }>> = {
  TAB_AS_INDENT: { message: 'a tab is not allowed as indentation', hint: 'indent with spaces' },
  MULTIPLE_DOCS: { message: 'a second document starts here', hint: 'one file holds one document' },
  RESOURCE_EXHAUSTION: { message: 'nested too deeply' },
  BLOCK_AS_IMPLICIT_KEY: { hint: 'a text that contains ": " needs quotation marks' },
  BAD_SCALAR_START: { hint: 'put the text into quotation marks' },
  TAG_RESOLVE_FAILED: { hint: 'tags are not used here' },
}

/**
 * What keeps the text from being YAML: its first error, for the ones after it are mostly its consequences.
 */
export function syntaxProblems(document: Document.Parsed, text: string, positionOf: (offset: number) => Position): ConfigProblem[] {
  // A parser that ran out of stack also reports all that was open at that moment.
  const found = [...document.errors, ...document.warnings]
  const error = found.find((each) => each.code === 'RESOURCE_EXHAUSTION') ?? found[0]
  if (error) return [{ ...positionOf(error.pos[0]), path: '', ...wordsFor(error, text) }]
  const { version, explicit } = document.directives.yaml
  if (explicit && version !== '1.2') {
    const at = Math.max(0, text.search(/^%YAML/m))
    return [{ ...positionOf(at), path: '', message: `the file declares YAML ${version}`, hint: 'only 1.2 is read; take the line out' }]
  }
  return []
}

function wordsFor(error: YAMLError, text: string): { readonly message: string; readonly hint?: string | undefined } {
  const words = WORDS[error.code]
  const message = `not valid YAML: ${words?.message ?? sentence(error.message)}`
  if (isUnquotedReference(error, text)) return { message, hint: 'inside { } and [ ] a reference needs quotation marks: "${env:NAME}"' }
  return { message, hint: words?.hint }
}

/** Without the piece of source that the parser quotes: it may be part of a password. */
function sentence(message: string): string {
  const plain = message.replace(/: ".*$/s, '').replace(/^Missing closing "quote$/, 'a closing " is missing')
  return plain.replace(/^Missing closing 'quote$/, "a closing ' is missing").replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase())
}

/** `{ token: ${env:TOKEN} }`: to YAML the inner brace opens another mapping. */
function isUnquotedReference(error: YAMLError, text: string): boolean {
  return error.code === 'UNEXPECTED_TOKEN' && text.startsWith('${', error.pos[0] - 1)
}
