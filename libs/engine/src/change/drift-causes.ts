import { canonicalJson } from '../base/index.js';
import { kindId, objectKey, objectLabel, objectRef } from '../model/index.js';
import type { Labels, ObjectRef, RuleRef } from '../model/index.js';
import { formatIp } from '../net/index.js';
import type { Endpoint } from '../compile/endpoint.js';
import { policyKindOf } from '../normalise/normalise-object.js';
import type { ObjectChange, ValueChange } from '../drift/object-drift.js';
import type { ConnectionDrift, IsolationDrift } from '../drift/reachability-drift.js';
import { readablePath, shownValue } from './patch-lines.js';
import type { DriftCauseView } from './drift-view.js';

/** More causes of one entry than this say nothing more. */
const CAUSE_LIMIT = 5;
/** Kinds that change all the time and decide nothing by themselves. */
const BYSTANDERS: ReadonlySet<string> = new Set(['Pod', 'EndpointSlice.discovery.k8s.io', 'ReplicaSet.apps', 'Event']);

/** What changed between two states, for finding what made a difference. */
export class ChangeIndex {
  readonly #byKey: ReadonlyMap<string, ObjectChange>;
  readonly #policies: readonly ObjectChange[];
  readonly #others: readonly ObjectChange[];

  constructor(
    changes: readonly ObjectChange[],
    private readonly isEnforcementChanged: boolean,
  ) {
    this.#byKey = new Map(changes.map((change) => [objectKey(change.object), change]));
    this.#policies = changes.filter(({ object }) => policyKindOf(object) !== null);
    this.#others = changes.filter(({ object }) => policyKindOf(object) === null && !BYSTANDERS.has(kindId(object)));
  }

  /**
   * The policies among those that settle the flow that changed; else what changed of its two ends; else the CNI; else
   * whatever else changed.
   */
  ofConnection({ cause, example }: ConnectionDrift): readonly DriftCauseView[] {
    const policies = this.#ofRules([...cause.before.rules, ...cause.after.rules].map(({ policy }) => policy));
    if (policies.length > 0) return policies;
    const ends = ([0, 1] as const).flatMap((end) => endpointCauses(example.before[end], example.after[end]));
    return ends.length > 0 ? ends.slice(0, CAUSE_LIMIT) : this.#remaining();
  }

  ofIsolation({ policies, endpoints }: IsolationDrift): readonly DriftCauseView[] {
    const named = this.#ofRules(policies);
    if (named.length > 0) return named;
    const first = endpoints[0];
    const own = first === undefined ? undefined : this.#byKey.get(objectKey(podRef(first)));
    return own === undefined ? this.#remaining() : [causeOf(own)];
  }

  #ofRules(policies: readonly RuleRef['policy'][]): readonly DriftCauseView[] {
    const keys = [...new Set(policies.map(objectKey))];
    const changes = keys.flatMap((key) => this.#byKey.get(key) ?? []);
    return changes.slice(0, CAUSE_LIMIT).map(causeOf);
  }

  #remaining(): readonly DriftCauseView[] {
    if (this.isEnforcementChanged) {
      return [{ type: 'enforcement', change: 'changed', object: null, text: 'what enforces policy changed' }];
    }
    return [...this.#policies, ...this.#others].slice(0, CAUSE_LIMIT).map(causeOf);
  }
}

function causeOf(change: ObjectChange): DriftCauseView {
  const type = policyKindOf(change.object) === null ? 'object' : 'policy';
  return { type, change: change.type, object: change.object, text: describeChange(change) };
}

/** `NetworkPolicy shop/web changed: spec.ingress[0].ports[0].port 80 → 8443, and 2 more values`. */
function describeChange({ type, object, values }: ObjectChange): string {
  const what = `${object.kind} ${objectLabel(object)} ${type}`;
  const first = values[0];
  if (first === undefined) return what;
  const more = values.length === 1 ? '' : `, and ${values.length - 1} more ${values.length === 2 ? 'value' : 'values'}`;
  return `${what}: ${describeValue(first)}${more}`;
}

function describeValue({ pointer, before, after }: ValueChange): string {
  return `${readablePath(pointer)} ${shownValue(before) ?? '(absent)'} → ${shownValue(after) ?? '(absent)'}`;
}

function endpointCauses(before: Endpoint, after: Endpoint): DriftCauseView[] {
  const object = podRef(after);
  const name = `${object.kind} ${objectLabel(object)}`;
  const changed = (text: string, of: ObjectRef = object): DriftCauseView => ({
    type: 'label',
    change: 'changed',
    object: of,
    text,
  });
  const out = labelChanges(before.labels, after.labels).map((text) => changed(`label ${text} of ${name}`));
  const namespace = { group: '', kind: 'Namespace', namespace: '', name: after.namespace };
  for (const text of labelChanges(before.namespaceLabels, after.namespaceLabels)) {
    out.push(changed(`label ${text} of Namespace ${after.namespace}`, namespace));
  }
  if (before.serviceAccount !== after.serviceAccount) {
    out.push(changed(`service account ${before.serviceAccount} → ${after.serviceAccount} of ${name}`));
  }
  if (before.kind !== after.kind)
    out.push(changed(`${name} ${after.kind === 'hostpod' ? 'moved to' : 'left'} the network of its host`));
  if (canonicalJson(before.ports) !== canonicalJson(after.ports))
    out.push(changed(`declared ports of ${name} changed`));
  const [was, is] = [before, after].map(({ ips }) => ips.map(formatIp).join(', ')) as [string, string];
  if (out.length === 0 && was !== is && after.kind !== 'external') {
    out.push(changed(`address ${was || '(none)'} → ${is || '(none)'} of ${name}`));
  }
  if (out.length === 0 && before.node !== after.node)
    out.push(changed(`${name} moved from node ${before.node} to ${after.node}`));
  return out;
}

function labelChanges(before: Labels, after: Labels): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys
    .filter((key) => before[key] !== after[key] && key !== 'pod-template-hash')
    .map((key) => `${key} ${shownValue(before[key]) ?? '(absent)'} → ${shownValue(after[key]) ?? '(absent)'}`);
}

function podRef({ kind, namespace, name, hypothetical, workload }: Endpoint): ObjectRef {
  if (kind === 'node') return { group: '', kind: 'Node', namespace: '', name };
  if (hypothetical && workload !== null) return { group: '', kind: workload.kind, namespace, name: workload.name };
  return objectRef({ group: '', kind: 'Pod', namespace, name });
}
