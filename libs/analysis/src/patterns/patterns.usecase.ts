import { Inject, Injectable } from '@nestjs/common';
import { fillPattern, PATTERNS, type FilledPattern, type Pattern, type UnfilledPattern } from '#checks';
import { AppError, type PatternInput } from '#contracts';
import type { Provenance } from '../provenance/provenance.js';
import { SnapshotReader } from '../snapshot/snapshot-reader.js';

/** A pattern filled in, or what the inventory lacks for it. */
export type PatternAnswer = Provenance & (FilledPattern | UnfilledPattern);

/** Policies that are written again and again, filled in from what a cluster holds. */
@Injectable()
export class Patterns {
  constructor(@Inject(SnapshotReader) private readonly reader: SnapshotReader) {}

  all(): readonly Pattern[] {
    return PATTERNS;
  }

  /** @throws AppError `not_found` for a pattern that is none, `cluster.not_found`, `snapshot.not_found` */
  async fill(cluster: string, id: string, input: PatternInput): Promise<PatternAnswer> {
    const located = await this.reader.locate(cluster, input.at);
    const { namespace, form, as, outside, port } = input;
    const options = { form, as, outside, port, sees: located.sees };
    const filled = fillPattern(await this.reader.compiled(located), id, namespace, options);
    if (filled !== null) return { ...located.provenance, ...filled };
    const known = PATTERNS.map((pattern) => pattern.id).join(', ');
    throw new AppError('not_found', `there is no pattern \`${id}\`, the patterns are ${known}`);
  }
}
