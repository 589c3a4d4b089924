import { objectRef } from '../model/index.js';
import type { Diagnostic, ObjectRef } from '../model/index.js';

/** Gathers the diagnostics of one object while it is read. */
export class ProblemList {
  readonly #object: ObjectRef | null;
  readonly diagnostics: Diagnostic[] = [];

  constructor(object: ObjectRef | null) {
    this.#object = object === null ? null : objectRef(object);
  }

  error(code: string, pointer: string, message: string): void {
    this.diagnostics.push({ code, class: 'error', message, object: this.#object, pointer });
  }

  suspect(code: string, pointer: string, message: string): void {
    this.diagnostics.push({ code, class: 'suspect', message, object: this.#object, pointer });
  }

  unsupported(code: string, pointer: string, message: string): void {
    this.diagnostics.push({ code, class: 'unsupported', message, object: this.#object, pointer });
  }

  note(code: string, pointer: string, message: string): void {
    this.diagnostics.push({ code, class: 'note', message, object: this.#object, pointer });
  }

  get failed(): boolean {
    return this.diagnostics.some((diagnostic) => diagnostic.class === 'error');
  }
}

/** How a value looks to the person who wrote it: its type and, when short, its text. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  const shown = typeof value === 'string' ? value : (value as number | boolean).toString();
  const type = typeof value === 'string' ? 'text' : typeof value;
  return shown.length > 60 ? `${type} of ${shown.length} characters` : `${type} \`${shown}\``;
}
