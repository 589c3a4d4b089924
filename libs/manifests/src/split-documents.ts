/** One document of a YAML stream. */
export interface DocumentText {
  /** 1 for the first document of the file. */
  readonly number: number;
  /** Line of the file at which `text` begins, 1 for the first. */
  readonly line: number;
  readonly text: string;
}

const SEPARATOR = /^---(?=[ \t]|$)/;
const NO_CONTENT = /^(?:[ \t]*(?:#.*)?|%.*|---[ \t]*(?:#.*)?|\.\.\.[ \t]*)$/;

/**
 * Cuts a YAML stream at its `---` lines, as kubectl does, so that one broken document costs no other. Documents without
 * content (only comments) are left out but counted, except before the first separator.
 */
export function splitDocuments(text: string): DocumentText[] {
  const documents: DocumentText[] = [];
  let lines: string[] = [];
  let hasContent = false;
  let startLine = 1;
  let number = 1;
  const flush = (): void => {
    if (hasContent) documents.push({ number, line: startLine, text: lines.join('\n') });
  };
  let lineNumber = 0;
  let seenSeparator = false;
  for (const line of text.split(/\r?\n/)) {
    lineNumber += 1;
    if (SEPARATOR.test(line)) {
      flush();
      if (hasContent || seenSeparator) number += 1;
      seenSeparator = true;
      lines = [];
      hasContent = false;
      startLine = lineNumber;
    }
    lines.push(line);
    hasContent ||= !NO_CONTENT.test(line);
  }
  flush();
  return documents;
}
