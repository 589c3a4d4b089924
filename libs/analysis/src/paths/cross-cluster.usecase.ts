import { Inject, Injectable } from '@nestjs/common';
import { parseInput, reachabilityInput, type CrossClusterInput } from '#contracts';
import { crossClusterPath, type CrossClusterAnswer } from '#engine';
import type { AsOf } from '../provenance/provenance.js';
import { notFoundError } from '../reachability/can-reach.usecase.js';
import { parseFlowQuestion } from '../reachability/parse-flow-question.js';
import { SnapshotReader } from '../snapshot/snapshot-reader.js';

export interface CrossClusterOutcome extends CrossClusterAnswer {
  readonly from: AsOf;
  readonly to: AsOf;
}

/** Can an endpoint of one cluster reach one of another, by which ways, and what is not known? */
@Injectable()
export class CrossCluster {
  constructor(@Inject(SnapshotReader) private readonly reader: SnapshotReader) {}

  /** @throws AppError `question.invalid`, `cluster.not_found`, `snapshot.not_found`, `endpoint.not_found`, `port.not_found` */
  async execute({ from, to, protocol, port }: CrossClusterInput): Promise<CrossClusterOutcome> {
    const raw = { cluster: from.cluster, from: from.peer, to: to.peer, protocol, port };
    const question = parseFlowQuestion(parseInput(reachabilityInput, raw));
    const [here, there] = [await this.reader.locate(from.cluster), await this.reader.locate(to.cluster)];
    const [a, b] = await Promise.all([this.reader.compiled(here), this.reader.compiled(there)]);
    const result = crossClusterPath(
      { snapshot: a, sees: here.sees },
      { snapshot: b, sees: there.sees },
      { source: question.source, destination: question.destination, protocol: question.protocol, port },
    );
    if (result.type === 'notFound') throw notFoundError(result.error);
    return { ...result.answer, from: here.provenance.asOf, to: there.provenance.asOf };
  }
}
