import type { ClusterProblem, KindCompleteness } from '#contracts';
import { type Fact, type ObjectRef, kindId, objectKey, objectLabel } from '#engine';
import type { SourceEvent } from '#kube';

const MAX_PROBLEMS = 200;

/** Everything that is wrong with a cluster at the moment, kept up to date by its events. */
export class ProblemBook {
  private ofFiles: readonly ClusterProblem[] = [];
  private readonly ofLists = new Map<string, readonly ClusterProblem[]>();
  private readonly ofObjects = new Map<string, Map<string, readonly ClusterProblem[]>>();
  private speaksOfFiles = false;

  accept(event: SourceEvent): void {
    if (event.type === 'problems') {
      this.speaksOfFiles = true;
      this.ofFiles = event.problems;
    }
    if (event.type === 'list') {
      this.ofLists.set(event.kind, event.problems);
      this.ofObjects.delete(event.kind);
      for (const fact of event.facts) this.note(event.kind, fact.meta, fact);
    }
    if (event.type === 'change') this.note(event.kind, event.ref, event.fact);
  }

  /** At most 200, and one more that says how many are left out. */
  list(completeness: ReadonlyMap<string, KindCompleteness>): ClusterProblem[] {
    const all: ClusterProblem[] = [];
    for (const [kind, { complete, reason }] of completeness) {
      if (!complete) all.push({ code: 'cluster.kind_incomplete', message: reason ?? 'not fully listed', object: kind });
    }
    all.push(...this.ofFiles, ...[...this.ofLists.values()].flat());
    // A file's problem names its place, which the fact alone cannot.
    if (!this.speaksOfFiles) for (const objects of this.ofObjects.values()) all.push(...[...objects.values()].flat());
    if (all.length <= MAX_PROBLEMS) return all;
    const more = {
      code: 'cluster.more_problems',
      message: `${all.length - MAX_PROBLEMS} more problems are not listed`,
    };
    return [...all.slice(0, MAX_PROBLEMS), more];
  }

  private note(kind: string, ref: ObjectRef, fact: Fact | null): void {
    if (fact?.type !== 'rejected') {
      this.ofObjects.get(kind)?.delete(objectKey(ref));
      return;
    }
    const objects = this.ofObjects.get(kind) ?? new Map<string, readonly ClusterProblem[]>();
    this.ofObjects.set(kind, objects);
    objects.set(
      objectKey(ref),
      fact.diagnostics.map(({ code, message, pointer }) => ({
        code,
        message,
        object: `${kindId(ref)} ${objectLabel(ref)}`,
        ...(pointer === '' ? {} : { pointer }),
      })),
    );
  }
}
