import type { ObjectRef } from './object.js';

/**
 * How much a diagnostic weighs:
 * `error` the object or the part was refused, `unsupported` it exists but is not evaluated,
 * `suspect` it is valid but probably not what was meant, `note` worth knowing.
 */
export type DiagnosticClass = 'error' | 'unsupported' | 'suspect' | 'note';

/** A finding about input. Bad input is data: the engine returns these and never throws for it. */
export interface Diagnostic {
  /** Stable, lower case, `area.name`, e.g. `networkpolicy.peer_empty`. */
  readonly code: string;
  readonly class: DiagnosticClass;
  /** One line, lower case, user input in backticks. */
  readonly message: string;
  readonly object: ObjectRef | null;
  /** JSON pointer (RFC 6901) into the object, '' for the whole. */
  readonly pointer: string;
}
