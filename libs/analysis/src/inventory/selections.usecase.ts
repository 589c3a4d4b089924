import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '#contracts';
import {
  objectLabel,
  selectedEndpoints,
  selectingPolicies,
  type Direction,
  type Endpoint,
  type ObjectRef,
  type SelectingPolicy,
} from '#engine';
import {
  SnapshotPages,
  type OpenSnapshot,
  type SnapshotPage,
  type SnapshotPageQuery,
} from '../paging/snapshot-pages.js';
import { isSeen } from './object-filter.js';

/** What a policy or a Service selects. */
export interface SelectedView {
  /** `pod`, `hostpod` (on its node's network), `node`, or `template`: of a workload that has no pods. */
  readonly type: 'pod' | 'hostpod' | 'node' | 'template' | 'other';
  readonly namespace: string;
  readonly name: string;
  /** Directions in which a policy speaks for it; empty for a Service. */
  readonly directions: readonly Direction[];
  /** False when it cannot be told from the inventory whether it is selected. */
  readonly certain: boolean;
}

/** From a selector to what it matches, and from a pod to the policies that select it. */
@Injectable()
export class Selections {
  constructor(@Inject(SnapshotPages) private readonly pages: SnapshotPages) {}

  /**
   * What a policy or a Service selects, in order of the snapshot.
   * @throws AppError `cluster.not_found`, `snapshot.not_found`, `cursor.invalid`, `not_found` (no policy and no Service)
   */
  selected(query: SnapshotPageQuery & { readonly object: ObjectRef }): Promise<SnapshotPage<SelectedView>> {
    const { object } = query;
    return this.pages.page(
      query,
      ['selected', object],
      (snapshot) => {
        const found = visible(object, snapshot) ? selectedBy(object, snapshot) : null;
        if (found === null) throw notFound('policy or Service', object, snapshot);
        return found.filter(({ namespace }) => snapshot.sees(namespace));
      },
      (selected) => selected,
    );
  }

  /**
   * The policies that select a pod, ingress first, each direction in order of evaluation. Those that the caller may not
   * see are left out.
   * @throws AppError `cluster.not_found`, `snapshot.not_found`, `cursor.invalid`, `not_found`
   */
  policiesOf(
    query: SnapshotPageQuery & { readonly namespace: string; readonly name: string },
  ): Promise<SnapshotPage<SelectingPolicy>> {
    const { namespace, name } = query;
    return this.pages.page(
      query,
      ['policies-of', namespace, name],
      (snapshot) => {
        const pod = snapshot.sees(namespace) ? snapshot.compiled.directory.pod(namespace, name) : null;
        if (pod === null) throw notFound('running pod', { namespace, name }, snapshot);
        return selectingPolicies(snapshot.compiled, pod).filter(({ policy }) => snapshot.sees(policy.namespace));
      },
      (policy) => policy,
    );
  }
}

function visible(object: ObjectRef, { sees }: OpenSnapshot): boolean {
  return sees(object.namespace);
}

function selectedBy(object: ObjectRef, { compiled, scope }: OpenSnapshot): readonly SelectedView[] | null {
  if (object.group === '' && object.kind === 'Service') {
    const service = compiled.index.services.get(objectLabel(object));
    if (service === undefined || !isSeen(service, scope)) return null;
    const { selector } = service;
    const pods = compiled.directory.namespace(object.namespace).filter(({ hypothetical }) => !hypothetical);
    const keys = Object.keys(selector ?? {});
    return pods
      .filter(({ labels }) => selector !== null && keys.every((key) => labels[key] === selector[key]))
      .map((endpoint) => view(endpoint, [], true));
  }
  const selected = selectedEndpoints(compiled, object);
  return selected?.map(({ endpoint, directions, certain }) => view(endpoint, directions, certain)) ?? null;
}

function view(endpoint: Endpoint, directions: readonly Direction[], certain: boolean): SelectedView {
  const { kind, namespace, name, hypothetical } = endpoint;
  const isOther = kind === 'external' || kind === 'special';
  return { type: hypothetical ? 'template' : isOther ? 'other' : kind, namespace, name, directions, certain };
}

function notFound(
  what: string,
  object: { namespace: string; name: string },
  { snapshot, cluster }: OpenSnapshot,
): AppError {
  const where = `snapshot ${String(snapshot.seq)} of cluster \`${cluster.name}\``;
  return new AppError('not_found', `no ${what} \`${objectLabel(object)}\` is in ${where}`);
}
