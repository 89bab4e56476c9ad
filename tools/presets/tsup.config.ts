import { packagePreset } from './tsup.ts'
import type { Options } from 'tsup'

const options: Options = packagePreset(process.cwd())
export default options
