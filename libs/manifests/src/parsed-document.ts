/** What one document holds: its value and how to find the line of a place in it. */
export interface ParsedDocument {
  readonly value: unknown;
  readonly number: number;
  /** The line of the file at which the value at `pointer`, or its nearest existing parent, begins. */
  readonly lineOf: (pointer: string) => number;
  /** What was read, but hardly as it was meant. */
  readonly warnings?: readonly DocumentFault[];
}

/** Why a document, or a value of it, could not be used, with its place. */
export interface DocumentFault {
  readonly code: string;
  readonly message: string;
  readonly number: number;
  readonly line: number;
  readonly pointer?: string;
}

export type DocumentResult =
  { readonly ok: true; readonly document: ParsedDocument } | { readonly ok: false; readonly fault: DocumentFault };

/** Deeper than any Kubernetes object; a limit because everything downstream walks values by recursion. */
export const MAX_DEPTH = 200;

/** Splits a JSON pointer into its steps, unescaped. */
export function pointerSteps(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
