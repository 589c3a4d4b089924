import { Inject, Injectable } from '@nestjs/common';
import type { BlastInput } from '#contracts';
import {
  BlastRadius,
  blastStarts,
  blastView,
  policyLevers,
  readBlastQuestion,
  type BlastView,
  type CompiledSnapshot,
  type PolicyLevers,
  type ReadingName,
} from '#engine';
import { runPaced } from '../pacing/paced.js';
import type { Provenance } from '../provenance/provenance.js';
import { notFoundError } from '../reachability/can-reach.usecase.js';
import { SnapshotReader } from '../snapshot/snapshot-reader.js';
import { questionOf } from '../question/question-fields.js';

export interface BlastAnswer extends Provenance {
  readonly blast: BlastView;
  /** Null when it was not asked for. */
  readonly levers: PolicyLevers | null;
}

/** What something that is taken over could reach, and who could reach it. */
@Injectable()
export class Blast {
  /** A radius has all rows of a snapshot that it was asked about; it goes when the snapshot does. */
  private readonly radii = new WeakMap<CompiledSnapshot, Map<ReadingName, BlastRadius>>();

  constructor(@Inject(SnapshotReader) private readonly reader: SnapshotReader) {}

  /** @throws AppError `question.invalid`, `cluster.not_found`, `snapshot.not_found`, `endpoint.not_found` */
  async execute(cluster: string, input: BlastInput): Promise<BlastAnswer> {
    const question = questionOf(readBlastQuestion(input));
    const located = await this.reader.locate(cluster, input.at);
    const compiled = await this.reader.compiled(located);
    const start = blastStarts(compiled, question.peer, located.sees);
    if ('error' in start) throw notFoundError(start.error, '/of');
    const blast = blastView(this.radiusOf(compiled, question.reading), question, start, located.sees);
    const levers = input.levers
      ? await runPaced(policyLevers(compiled, { ...question, starts: start.starts }, located.sees))
      : null;
    return { ...located.provenance, blast, levers };
  }

  private radiusOf(compiled: CompiledSnapshot, reading: ReadingName): BlastRadius {
    const known = this.radii.get(compiled) ?? new Map<ReadingName, BlastRadius>();
    this.radii.set(compiled, known);
    const radius = known.get(reading) ?? new BlastRadius(compiled, reading);
    known.set(reading, radius);
    return radius;
  }
}
