import { configJsonSchema } from '../config/json-schema.ts'
import { type CommandContext, type ExitCode, exitCodes, printJson } from './context.ts'

/** `hotspare schema`: the JSON Schema of the configuration, for editors. */
export function schema(context: CommandContext): ExitCode {
  printJson(context, configJsonSchema())
  return exitCodes.done
}
