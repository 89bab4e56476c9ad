import type { Clock } from '@hotspare/core'
import type { z } from 'zod'
import { judgeCertificates } from './certificate-files.ts'
import { contradictions, doubts } from './checks.ts'
import type { Config } from './config.ts'
import { limits } from './defaults.ts'
import { draftOf } from './draft.ts'
import { readErrorPages } from './error-pages.ts'
import { type FileView, findingsOf } from './issues.ts'
import { ConfigError, type ConfigProblem, type Finding, formatPath, inFileOrder, type Path, type Position } from './problem.ts'
import { literalSecrets, shortSecrets } from './literal-secrets.ts'
import { positionAt, type ReadFile, readFileBounded, readText } from './read-file.ts'
import { Redactor } from './redactor.ts'
import { resolveConfig } from './resolve.ts'
import { configSchema, type ParsedConfig } from './schema.ts'
import { SchemaGuide } from './schema-guide.ts'
import { resolveSecrets } from './secrets.ts'
import { readYaml, type YamlSource } from './yaml-source.ts'

const GUIDE = new SchemaGuide(configSchema)

export interface LoadOptions {
  /** Where `${env:NAME}` is looked up. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The node's name where the file gives none. */
  readonly hostname: string
  /** Default: the file system, bounded. */
  readonly readFile?: ReadFile | undefined
  /** Reads the certificates that proxies show, to judge them; where it is missing, nobody looks at them. */
  readonly readCertificate?: ReadFile | undefined
  readonly signal?: AbortSignal | undefined
  /** Times the reading of files. Default: the system's. */
  readonly clock?: Clock | undefined
}

export interface ParseOptions extends LoadOptions {
  /** What problems call the file, and the place that relative secret files start from. */
  readonly file: string
}

export interface LoadedConfig {
  /** Complete and frozen. */
  readonly config: Config
  /** What is allowed and probably not meant, in file order. */
  readonly warnings: readonly ConfigProblem[]
  /** Knows every secret of the file; whatever is written or answered goes through it. */
  readonly redactor: Redactor
}

/**
 * Reads a configuration file.
 *
 * @throws ConfigError `HOTSPARE_CONFIG_INVALID` with every problem of the file; the reason of `signal` when it aborts
 */
export async function loadConfig(file: string, options: LoadOptions): Promise<LoadedConfig> {
  const { readFile = readFileBounded, signal, clock } = options
  const reading = await readText(readFile, file, limits.fileBytes, { signal, clock })
  if (reading.ok) return await parseConfig(reading.text, { ...options, file })
  throw new ConfigError(file, [{ line: 1, column: 1, ...reading.at, path: '', message: `the file ${reading.reason}` }])
}

/**
 * Understands a configuration. It touches nothing but what `env` and `readFile` give it.
 *
 * @throws ConfigError `HOTSPARE_CONFIG_INVALID` with every problem of the text; the reason of `signal` when it aborts
 */
export async function parseConfig(text: string, options: ParseOptions): Promise<LoadedConfig> {
  const { file, env, hostname, readFile = readFileBounded, readCertificate, signal, clock } = options
  const redactor = new Redactor()
  const source = readSource(text.replace(/^\uFEFF/, ''), file)
  const secrets = await resolveSecrets(source.texts, { file, env, readFile, redactor }, { signal, clock })

  const view = viewOf(source, secrets.references)
  const paths = source.texts.map(({ path }) => path)
  for (const literal of literalSecrets(paths, view)) redactor.add(literal)

  const parsed = configSchema.safeParse(source.value)
  const draft = draftOf(source.value, hostname)
  const misread = schemaFindings(parsed, view)
  const told = new Set(misread.map(({ path }) => formatPath(path)))
  // What is no secret of its kind at all need not be called too short as well.
  const short = shortSecrets(paths, view).filter(({ path }) => !told.has(formatPath(path)))
  const pages = await readErrorPages(source.value, { file, readFile }, { signal, clock })
  const certificates = readCertificate
    ? await judgeCertificates(draft.proxies, readCertificate, { signal, clock })
    : { findings: [], doubts: [], authorities: new Map<string, string>() }
  const wrong = [...misread, ...contradictions(draft, view), ...short, ...pages.findings, ...certificates.findings]
  const unresolved = new Set(secrets.findings.map(({ path }) => formatPath(path)))
  // What could not be looked up is no value at all: what else may be wrong with it is not to be said.
  const findings = [...secrets.findings, ...wrong.filter(({ path }) => !unresolved.has(formatPath(path)))]
  const problems = located(findings, source, redactor)
  if (!parsed.success || problems.length > 0) throw new ConfigError(file, problems)
  return {
    config: resolveConfig(parsed.data, hostname, { pages, authorities: certificates.authorities }),
    warnings: located([...doubts(draft), ...certificates.doubts], source, redactor),
    redactor,
  }
}

function readSource(text: string, file: string): YamlSource {
  const problem = notText(text)
  if (problem) throw new ConfigError(file, [problem])
  const read = readYaml(text)
  if ('problems' in read) throw new ConfigError(file, inFileOrder(read.problems))
  return read.source
}

/** What no YAML file holds; the parser itself lets some of it pass. */
function notText(text: string): ConfigProblem | undefined {
  if (Buffer.byteLength(text) > limits.fileBytes)
    return { line: 1, column: 1, path: '', message: `the file is larger than ${limits.fileBytes / 1_024} KiB` }
  // eslint-disable-next-line no-control-regex -- control characters are what this looks for
  const at = text.search(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/)
  if (at < 0) return undefined
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0')
  return {
    ...positionAt(text.slice(0, at)),
    path: '',
    message: `the file holds the control character U+${code}`,
    hint: 'it has to be plain text',
  }
}

function viewOf(source: YamlSource, references: readonly { readonly path: Path; readonly text: string }[]): FileView {
  const byPath = new Map(references.map(({ path, text }) => [formatPath(path), text]))
  return {
    guide: GUIDE,
    value: source.value,
    reference: (path) =>
      byPath
        .get(formatPath(path))
        ?.match(/\$\{[^}]*\}/g)
        ?.join(' and '),
  }
}

function schemaFindings(parsed: z.ZodSafeParseResult<ParsedConfig>, view: FileView): Finding[] {
  return parsed.success ? [] : findingsOf(parsed.error.issues, view)
}

function located(findings: readonly Finding[], source: YamlSource, redactor: Redactor): ConfigProblem[] {
  const problems = findings.map(({ path, at, message, hint }): ConfigProblem => ({
    ...position(path, at, source),
    path: redactor.redact(formatPath(path)),
    message: redactor.redact(message),
    hint: hint === undefined ? undefined : redactor.redact(hint),
  }))
  return inFileOrder(problems)
}

function position(path: Path, at: Finding['at'], source: YamlSource): Position {
  if (at === undefined) return source.valueAt(path)
  return source.keyAt(at === 'key' ? path : [...path, at.keyInside])
}
