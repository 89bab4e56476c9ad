export declare function npmCommand(environment?: NodeJS.ProcessEnv): [string, ...string[]]
export declare function quietInstall(cache: string): string[]
export declare function cleanEnvironment(environment?: NodeJS.ProcessEnv): NodeJS.ProcessEnv
export declare function nodePackageName(platform?: string, architecture?: string): string
export declare function nodeBinary(packageFolder: string, platform?: string): string
export declare function withoutHosts(text: string): string
