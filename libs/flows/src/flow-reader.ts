import type { Json, JsonObject, SeenFlow } from '#engine';

/** What one record came to. `leftOut` names a sort of record that is no flow; `lost` counts what its source could not keep. */
export type Reading =
  | { readonly flow: SeenFlow }
  | { readonly leftOut: string }
  | { readonly lost: number }
  /** What is wrong with it: one line in lower case. */
  | { readonly wrong: string };

/** Reads the records of one kind of source. */
export interface FlowReader {
  /** As people know the source. */
  readonly name: string;
  /** Whether a record is of this source, by fields that no other one has. */
  readonly knows: (record: JsonObject) => boolean;
  readonly read: (record: JsonObject) => Reading;
}

/** A field by the first of several names that a record has. */
export function either(record: Json | undefined, ...names: readonly string[]): Json | undefined {
  const object = record as JsonObject | null | undefined;
  if (typeof object !== 'object' || object === null) return undefined;
  const name = names.find((each) => Object.hasOwn(object, each));
  return name === undefined ? undefined : object[name];
}
