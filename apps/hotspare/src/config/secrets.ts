import { resolve as resolvePath, dirname } from 'node:path'
import type { WaitOptions } from '@hotspare/core'
import { limits } from './defaults.ts'
import { closest } from './suggest.ts'
import { type Finding, type Path, quote } from './problem.ts'
import { type ReadFile, readText } from './read-file.ts'
import type { Redactor } from './redactor.ts'
import type { SourceText } from './yaml-source.ts'

export interface SecretSources {
  /** The configuration file: relative paths of secrets start at its folder. */
  readonly file: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly readFile: ReadFile
  /** Gets every value that is found. */
  readonly redactor: Redactor
}

/** What came of the references of a file. */
export interface ResolvedSecrets {
  readonly findings: readonly Finding[]
  /** The texts that held a reference, as the file spells them: what they became is not to be shown. */
  readonly references: readonly { readonly path: Path; readonly text: string }[]
}

/**
 * Replaces `${env:NAME}` and `${file:/path}` in every text value; `$${` stands for `${`. A file loses one line break at its end.
 * It goes once over each text: what a secret holds is never looked at again.
 */
export async function resolveSecrets(
  texts: readonly SourceText[],
  sources: SecretSources,
  options: WaitOptions = {},
): Promise<ResolvedSecrets> {
  const findings: Finding[] = []
  const references: { path: Path; text: string }[] = []
  for (const source of texts) {
    const { path, text } = source
    if (!text.includes('${')) continue
    const parts = split(text)
    if (parts.some(({ type }) => type === 'reference')) references.push({ path, text })
    const values: string[] = []
    for (const part of parts) {
      if (part.type === 'text') {
        values.push(part.text)
        continue
      }
      const found = await lookUp(part, sources, options)
      if (!found.ok) {
        findings.push({ path, message: found.message, hint: found.hint })
        continue
      }
      sources.redactor.add(found.value)
      values.push(found.value)
    }
    source.replace(values.join(''))
  }
  return { findings, references }
}

type Part =
  | { readonly type: 'text'; readonly text: string }
  /** The text between `${` and `}`; undefined where the brace is missing. */
  | { readonly type: 'reference'; readonly inner: string | undefined }

function split(text: string): Part[] {
  const parts: Part[] = []
  let at = 0
  for (const match of text.matchAll(/\$\$\{|\$\{([^}]*)(\}?)/g)) {
    parts.push({ type: 'text', text: text.slice(at, match.index) })
    const [whole, inner, brace] = match
    parts.push(whole === '$${' ? { type: 'text', text: '${' } : { type: 'reference', inner: brace === '}' ? inner : undefined })
    at = match.index + whole.length
  }
  parts.push({ type: 'text', text: text.slice(at) })
  return parts
}

type LookUp =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly message: string; readonly hint?: string | undefined }

async function lookUp(reference: { readonly inner: string | undefined }, sources: SecretSources, options: WaitOptions): Promise<LookUp> {
  const { inner } = reference
  if (inner === undefined)
    return { ok: false, message: 'the reference is not closed: "}" is missing', hint: '"$${" stands for a literal "${"' }
  const [, kind = '', name = ''] = /^(env|file):(.*)$/s.exec(inner) ?? []
  if (kind === 'env' && name !== '') return lookUpVariable(name, sources.env)
  if (kind === 'file' && name !== '') return await lookUpFile(name, sources, options)
  // Only a name that the environment knows is repeated: anything else may be a piece of a password.
  const meant = Object.hasOwn(sources.env, inner)
    ? `did you mean "\${env:${inner}}"?`
    : 'write ${env:NAME} or ${file:/path}; "$${" stands for a literal "${"'
  return { ok: false, message: 'the reference cannot be read', hint: meant }
}

function lookUpVariable(name: string, env: SecretSources['env']): LookUp {
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  if (value === undefined) {
    const meant = closest(name, Object.keys(env))
    return { ok: false, message: `the environment variable ${quote(name)} is not set`, hint: meant && `did you mean ${quote(meant)}?` }
  }
  return value === '' ? { ok: false, message: `the environment variable ${quote(name)} is empty` } : { ok: true, value }
}

async function lookUpFile(name: string, sources: SecretSources, options: WaitOptions): Promise<LookUp> {
  const reading = await readText(sources.readFile, resolvePath(dirname(sources.file), name), limits.secretBytes, options)
  if (!reading.ok) return { ok: false, message: `the secret file ${quote(name)} ${reading.reason}` }
  const value = reading.text.replace(/\r?\n$/, '')
  return value === '' ? { ok: false, message: `the secret file ${quote(name)} is empty` } : { ok: true, value }
}
