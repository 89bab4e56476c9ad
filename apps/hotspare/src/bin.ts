#!/usr/bin/env node
// What npm puts on the PATH. It says in words what an older Node would say in a stack trace, and imports nothing of ours before.
import process from 'node:process'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major > 22 || (major === 22 && minor >= 19)) await import('./cli.ts')
else {
  process.stderr.write(`hotspare: this is Node ${process.versions.node}, and 22.19 or newer is needed\n`)
  process.exitCode = 2
}
