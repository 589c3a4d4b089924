import { Inject, Injectable } from '@nestjs/common';
import type { ReachabilityInput } from '#contracts';
import { predictingFixes, type Answer, type Fact, type FixView, type PredictedFix } from '#engine';
import { givenManifests } from '../drift/manifest-input.js';
import { runPaced } from '../pacing/paced.js';
import type { Provenance } from '../provenance/provenance.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import { CanReach, notFoundError } from './can-reach.usecase.js';

/** An answer with what each of its fixes would open and close. */
export interface WhyAnswer extends Provenance {
  readonly answer: Answer;
  readonly fixes: readonly PredictedFix[];
}

/** Why can, or cannot, one peer reach another, and what would change it at what price? */
@Injectable()
export class Why {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(CanReach) private readonly canReach: CanReach,
  ) {}

  /** @throws AppError `question.invalid`, `cluster.not_found`, `snapshot.not_found`, `endpoint.not_found`, `port.not_found` */
  async execute(input: ReachabilityInput): Promise<WhyAnswer> {
    const located = await this.canReach.locate(input);
    const outcome = await this.canReach.execute(input, () => Promise.resolve(located));
    if (outcome.type === 'notFound') throw notFoundError(outcome.notFound);
    const { type: _, answer, ...provenance } = outcome;
    return { ...provenance, answer, fixes: await this.predicted(answer.fixes, located) };
  }

  private async predicted(fixes: readonly FixView[], located: LocatedSnapshot): Promise<readonly PredictedFix[]> {
    const given = await Promise.all(fixes.map(async (fix) => ({ fix, facts: await factsOfFix(fix) })));
    return runPaced(predictingFixes(await this.reader.compiled(located), given, 'enforced', located.sees));
  }
}

async function factsOfFix({ manifest }: FixView): Promise<readonly Fact[]> {
  return manifest === '' ? [] : (await givenManifests(manifest, 'text', 'fix', { declaredOnly: true })).facts;
}
