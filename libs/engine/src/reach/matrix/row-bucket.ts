/** How what cannot be told is read: against every flow, or in favour of it. */
export type Bracket = 'certain' | 'possible';

/** Source classes whose rows differ in few words. */
export interface RowBucket {
  readonly sources: readonly number[];
  /** The distinct rows of the ports asked about: the destination classes that the sources share. Reused by later buckets. */
  readonly rows: readonly Uint32Array[];
  /** By place of the port among those asked about, the number of its row. */
  readonly of: Uint32Array;
  /** Makes the rows those of one source; gives the words `[from, to)` that may differ from the shared ones. */
  show(source: number): readonly [number, number];
}

/** The rows of one source class. */
export interface SourceRows {
  readonly source: number;
  readonly rows: readonly Uint32Array[];
  /** Null where nothing is known of other sources. */
  readonly shared: SharedRows | null;
}

/** Sources of one bucket have the same arrays, in which only the words `[from, to)` are their own. */
export interface SharedRows {
  readonly bucket: RowBucket;
  readonly own: readonly [number, number];
}

/** One step of a walk over sources: a source class with its rows, or null where the walk may pause. */
export type SourceStep = SourceRows | null;
