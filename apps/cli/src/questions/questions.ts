import type { Answer, BlastView, ConnectionView, EntryPoint, ExposureView, PolicyLevers, PredictedFix } from '#engine';

/** The fields of a question as they were given, by their names in the API. */
export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface BlastFound {
  readonly blast: BlastView;
  readonly levers: PolicyLevers | null;
}

export interface WhyFound {
  readonly answer: Answer;
  readonly fixes: readonly PredictedFix[];
}

/** Whoever answers: manifests in this process, or a server. Wrong fields are told as a `CliError`. */
export interface Questions {
  /** Some rows at a time: there may be millions. */
  connections(fields: Fields): AsyncIterable<readonly ConnectionView[]>;
  entryPoints(fields: Fields): Promise<readonly EntryPoint[]>;
  exposure(fields: Fields): AsyncIterable<ExposureView>;
  /** `hear` is told how far the trials of all levers are. */
  blast(fields: Fields, hear: (progress: string) => void): Promise<BlastFound>;
  why(fields: Fields): Promise<WhyFound>;
  /** What there is to tell of the answers so far: the state that they are about, and what they leave out. */
  remarks(): readonly string[];
}
