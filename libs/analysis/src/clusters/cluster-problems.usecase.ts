import { Inject, Injectable } from '@nestjs/common';
import { currentAccess } from '#access';
import { isAppError, type ClusterProblem, type Page } from '#contracts';
import { kindId, objectLabel, type Diagnostic, type DiagnosticClass } from '#engine';
import { ClusterRepository, type ClusterRecord } from '#store';
import { CursorCodec } from '../paging/cursor-codec.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import { seesProblem } from './visible-cluster.js';

/** Something wrong with a cluster's input, whether reading the source or understanding an object found it. */
export interface ProblemView extends ClusterProblem {
  /** `source`: the object could not be read. `object`: it was read, and this is what its meaning lacks. */
  readonly origin: 'source' | 'object';
  readonly class: DiagnosticClass;
}

/** A page of problems: those of the source first, each part in the order of its objects. */
export interface ProblemPage extends Page<ProblemView> {
  readonly cluster: ClusterRecord;
  /** All problems, on all pages. */
  readonly total: number;
}

export interface ProblemsQuery {
  readonly cluster: string;
  readonly class?: DiagnosticClass | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** What could not be read, or is not evaluated, of a cluster. */
@Injectable()
export class ClusterProblems {
  constructor(
    @Inject(ClusterRepository) private readonly clusters: ClusterRepository,
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /** @throws AppError `cluster.not_found`, `cursor.invalid` */
  async list(query: ProblemsQuery): Promise<ProblemPage> {
    const cluster = await this.clusters.get(query.cluster);
    const located = await this.located(cluster);
    const seen = located?.scope ?? currentAccess().namespacesOf(cluster);
    const ofSource = cluster.problems.filter((problem) => seesProblem(problem, seen)).map(sourceProblem);
    const all = [...ofSource, ...(located === null ? [] : await this.objectProblems(located))];
    const kept = query.class === undefined ? all : all.filter((problem) => problem.class === query.class);
    // Problems change with the row, so a cursor is good as long as the row is as it was.
    const scope = ['problems', cluster.id, query.class, kept.length, seen.key];
    const start = query.cursor === undefined ? 0 : Number(this.cursors.open(scope, query.cursor)[0]);
    const end = start + query.limit;
    return {
      cluster,
      items: kept.slice(start, end),
      nextCursor: end < kept.length ? this.cursors.seal(scope, [end]) : null,
      total: kept.length,
    };
  }

  private async objectProblems(located: LocatedSnapshot): Promise<ProblemView[]> {
    const { diagnostics } = await this.reader.compiled(located);
    return diagnostics
      .filter(
        ({ object }) => object === null || located.scope.seesObject(kindId(object), object.namespace, object.name),
      )
      .map(objectProblem);
  }

  /** Null for a cluster without a snapshot: then the source's problems say why. */
  private async located(cluster: ClusterRecord): Promise<LocatedSnapshot | null> {
    try {
      return await this.reader.locate(cluster.id);
    } catch (error) {
      if (isAppError(error, 'snapshot.not_found')) return null;
      throw error;
    }
  }
}

function sourceProblem(problem: ClusterProblem): ProblemView {
  return { ...problem, origin: 'source', class: 'error' };
}

function objectProblem(diagnostic: Diagnostic): ProblemView {
  const { object } = diagnostic;
  return {
    origin: 'object',
    class: diagnostic.class,
    code: diagnostic.code,
    message: diagnostic.message,
    ...(object === null ? {} : { object: `${kindId(object)} ${objectLabel(object)}` }),
    ...(diagnostic.pointer === '' ? {} : { pointer: diagnostic.pointer }),
  };
}
