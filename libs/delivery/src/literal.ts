/** A text as it is, where Markdown is read: what a cluster calls things makes no link there, and calls nobody. */
export function literal(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>#|~@]/g, (character) => (character === '@' ? '@\u200b' : `\\${character}`));
}
