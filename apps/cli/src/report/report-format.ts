/** A form of a report by what people call it: `md` is Markdown everywhere else. */
export function formNamed(text: string): string {
  return text === 'md' ? 'markdown' : text;
}
