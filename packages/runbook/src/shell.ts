/** @returns the text as one word of a POSIX shell */
export function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** @param path absolute */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
