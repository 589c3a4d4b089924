/** One word of a POSIX shell, whatever is in it. Names are other people's text. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A command line of words. */
export function commandLine(...words: readonly string[]): string {
  return words.map(quote).join(' ');
}
