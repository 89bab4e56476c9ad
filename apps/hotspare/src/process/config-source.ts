import { loadConfig, type LoadedConfig, type LoadOptions } from '../config/load.ts'
import { type ReadFile, readFileBounded } from '../config/read-file.ts'

/**
 * Everything that a configuration was made from. A child that is given it makes the same configuration, and knows the same
 * secrets, whatever has become of the files since: it reads none.
 */
export interface ConfigSource {
  readonly file: string
  readonly hostname: string
  /** The variables that were looked up, with what they were. */
  readonly env: ReadonlyMap<string, string | undefined>
  /** The files that were read, the configuration among them. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

export interface SourcedConfig extends LoadedConfig {
  readonly source: ConfigSource
}

/** Reads a configuration as `loadConfig` does, and keeps what it was made from. @throws HotspareError as `loadConfig` */
export async function loadSourcedConfig(file: string, options: LoadOptions): Promise<SourcedConfig> {
  const { env: given, hostname, readFile = readFileBounded } = options
  const env = new Map<string, string | undefined>()
  const files = new Map<string, Uint8Array>()
  const recordingEnv = new Proxy(given, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof name === 'string' && (value === undefined || typeof value === 'string')) env.set(name, value)
      return value
    },
  })
  const recordingRead: ReadFile = async (path, readOptions) => {
    const bytes = await readFile(path, readOptions)
    files.set(path, bytes)
    return bytes
  }
  const loaded = await loadConfig(file, { ...options, env: recordingEnv, readFile: recordingRead })
  return { ...loaded, source: { file, hostname, env, files } }
}

/** The same configuration once more. */
export function configFrom({ file, hostname, env, files }: ConfigSource): Promise<LoadedConfig> {
  const readFile: ReadFile = (path) => {
    const bytes = files.get(path)
    return bytes ? Promise.resolve(bytes) : Promise.reject(new Error('it was not read at the start'))
  }
  return loadConfig(file, { hostname, env: Object.fromEntries(env), readFile })
}
