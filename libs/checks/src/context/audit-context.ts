import {
  describeFlow,
  evaluateBoth,
  evaluatePair,
  groupBy,
  NO,
  objectKey,
  objectLabel,
  pairFamilies,
  pairVerdict,
  placeFlows,
  protocolName,
  TCP,
  YES,
} from '#engine';
import type {
  CompiledSnapshot,
  Direction,
  Endpoint,
  FlowDecision,
  Labels,
  NodeFact,
  ObjectRef,
  PlacedFlow,
  PodShape,
  PolicyEntry,
  PolicySet,
  Protocol,
  ReadyEntry,
  ReadingName,
  Selector,
  Tri,
  Verdict,
} from '#engine';

import type { Counterexample, Evidence } from '../model/finding.js';
import { ACCEPTED, type Accepted, type AuditSettings } from './audit-settings.js';
import { eachGroupsOf, Isolations, type Isolation } from './isolations.js';
import { endpointName, newPod, strangerPod } from './made-up-endpoint.js';
import { PodChoices } from './pod-choices.js';
import { viewPolicy, type PolicyView } from './policy-view.js';
import { groupWorkloads, type WorkloadView } from './workload-view.js';

/** A namespace with pods that have an address of their own. */
export interface NamespaceView {
  readonly name: string;
  readonly ref: ObjectRef;
  readonly pods: readonly Endpoint[];
  /** Belongs to the platform, by the settings. */
  readonly system: boolean;
}

/**
 * What a check may look at: a compiled snapshot, the organisation's settings, and questions to the engine. What several
 * checks need is worked out once. Policies are looked at as intended; counterexamples tell both readings.
 */
export class AuditContext {
  readonly #isolations: Isolations;
  #choices: PodChoices | undefined;
  #pods: readonly Endpoint[] | undefined;
  #hostPods: readonly Endpoint[] | undefined;
  #namespaces: readonly NamespaceView[] | undefined;
  #namespaceKeys: ReadonlySet<string> | undefined;
  #workloads: readonly WorkloadView[] | undefined;
  #policyByName: ReadonlyMap<string, PolicyView> | undefined;
  #policies: readonly PolicyView[] | undefined;
  #policyNames: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  #namespaceByName: ReadonlyMap<string, NamespaceView> | undefined;
  #nodeByName: ReadonlyMap<string, NodeFact> | undefined;
  #stranger: Endpoint | undefined;
  #shapes: { readonly pods: ShapesByName; readonly templates: ShapesByName } | undefined;
  #flows: readonly PlacedFlow[] | undefined;

  constructor(
    readonly snapshot: CompiledSnapshot,
    readonly settings: AuditSettings,
  ) {
    this.#isolations = new Isolations(this.policySet);
  }

  /** Policies as they are meant. */
  get policySet(): PolicySet {
    return this.snapshot.intended.sets[0] as PolicySet;
  }

  /** How sure it is that a pod does not exist: manifests do not have those that an operator makes. */
  get absence(): { readonly confidence: 'certain' | 'likely'; readonly evidence: readonly Evidence[] } {
    if (this.pods.some(({ ips }) => ips.length > 0)) return { confidence: 'certain', evidence: [] };
    const evidence = [{ what: 'read from manifests', value: 'pods that an operator makes are not among them' }];
    return { confidence: 'likely', evidence };
  }

  /** Pods that policy can select: with an address of their own, templates of workloads without pods included. */
  get pods(): readonly Endpoint[] {
    return (this.#pods ??= this.snapshot.endpoints.filter((endpoint) => endpoint.kind === 'pod'));
  }

  /** Pods on the network of their node. */
  get hostPods(): readonly Endpoint[] {
    return (this.#hostPods ??= this.snapshot.endpoints.filter((endpoint) => endpoint.kind === 'hostpod'));
  }

  get namespaces(): readonly NamespaceView[] {
    return (this.#namespaces ??= this.#groupNamespaces());
  }

  /** Keys of the labels that namespaces carry. */
  get namespaceKeys(): ReadonlySet<string> {
    return (this.#namespaceKeys ??= new Set(
      [...this.snapshot.index.namespaces.values()].flatMap(({ meta }) => Object.keys(meta.labels)),
    ));
  }

  #groupNamespaces(): readonly NamespaceView[] {
    return [...groupBy(this.pods, (pod) => pod.namespace)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, pods]) => ({
        name,
        ref: namespaceRef(name),
        pods,
        system: this.isSystem(name),
      }));
  }

  /** Owners of `pods`, each with its pods. */
  get workloads(): readonly WorkloadView[] {
    return (this.#workloads ??= groupWorkloads(this.pods));
  }

  /** The NetworkPolicy of that name, if it has an effect. */
  networkPolicy({ namespace, name }: Pick<ObjectRef, 'namespace' | 'name'>): PolicyView | undefined {
    this.#policyByName ??= new Map(this.networkPolicies.map((policy) => [objectKey(policy.ref), policy]));
    return this.#policyByName.get(objectKey({ group: 'networking.k8s.io', kind: 'NetworkPolicy', namespace, name }));
  }

  /** Every NetworkPolicy that has an effect. */
  get networkPolicies(): readonly PolicyView[] {
    return (this.#policies ??= this.#viewPolicies());
  }

  #viewPolicies(): readonly PolicyView[] {
    const compiled = new Map(this.policySet.policies.map((policy) => [objectKey(policy.policy), policy]));
    return this.snapshot.index.policies.flatMap((fact) => {
      if (fact.meta.kind !== 'NetworkPolicy' || fact.meta.group !== 'networking.k8s.io') return [];
      const policy = compiled.get(objectKey(fact.meta));
      if (policy === undefined) return [];
      return viewPolicy(fact, policy, (subject) => this.podsChosenBy(subject)) ?? [];
    });
  }

  /** Flows that somebody saw, added up by workload; null when nobody gave any. */
  get flows(): readonly PlacedFlow[] | null {
    const { flows } = this.settings;
    return flows === null ? null : (this.#flows ??= placeFlows(this.snapshot, flows));
  }

  /** Names that policies of a namespace, of any kind, have. */
  policyNames(namespace: string): ReadonlySet<string> {
    this.#policyNames ??= new Map(
      [...groupBy(this.snapshot.index.policies, ({ meta }) => meta.namespace)].map(([home, policies]) => [
        home,
        new Set(policies.map(({ meta }) => meta.name)),
      ]),
    );
    return this.#policyNames.get(namespace) ?? NO_NAMES;
  }

  /** The namespace of that name, if it has pods with an address of their own. */
  namespace(name: string): NamespaceView | undefined {
    this.#namespaceByName ??= new Map(this.namespaces.map((namespace) => [namespace.name, namespace]));
    return this.#namespaceByName.get(name);
  }

  /** The node of that name, if the inventory has it. */
  node(name: string): NodeFact | undefined {
    this.#nodeByName ??= new Map(this.snapshot.index.nodes.map((node) => [node.meta.name, node]));
    return this.#nodeByName.get(name);
  }

  isSystem(namespace: string): boolean {
    return this.settings.systemNamespaces.some((name) =>
      name.endsWith('*') ? namespace.startsWith(name.slice(0, -1)) : name === namespace,
    );
  }

  /** Which pods selectors choose. */
  get choices(): PodChoices {
    return (this.#choices ??= new PodChoices(this.pods));
  }

  /** Whether a selector matches an endpoint: yes, no, or maybe. */
  matches(selector: Selector, endpoint: Endpoint): Tri {
    return this.choices.matcher(selector)(endpoint, endpoint);
  }

  /** The pods that a selector certainly matches. */
  podsChosenBy(selector: Selector): readonly Endpoint[] {
    return this.choices.by(selector);
  }

  /** Whether a selector certainly matches an endpoint. */
  chooses(selector: Selector, endpoint: Endpoint): boolean {
    return this.matches(selector, endpoint) === YES;
  }

  /** Whether policy of any kind closes an endpoint by default in one direction. */
  isolation(endpoint: Endpoint, direction: Direction): Isolation {
    return this.#isolations.of(endpoint, direction);
  }

  /** Whether some rule that speaks for an endpoint may allow it anything in a direction. */
  isAllowedAnything(endpoint: Endpoint, direction: Direction): boolean {
    return this.rulesFor(endpoint, direction).some(
      ({ action, peers, isolates }) => action === 'allow' && !isolates && peers.type !== 'none',
    );
  }

  /** Every entry, of policies of any kind, that speaks or may speak for an endpoint. */
  rulesFor(endpoint: Endpoint, direction: Direction): readonly PolicyEntry[] {
    return this.readyRulesFor(endpoint, direction).map((ready) => ready.entry);
  }

  /** The same as the engine has them: what policies share is one rule. */
  readyRulesFor(endpoint: Endpoint, direction: Direction): readonly ReadyEntry[] {
    const rules: ReadyEntry[] = [];
    eachGroupsOf(this.policySet, endpoint, direction, (groups) => {
      for (const group of groups) {
        for (const ready of group) if (ready.subject(endpoint, endpoint) !== NO) rules.push(ready);
      }
    });
    return rules;
  }

  /** What policy says of one flow; null when the two share no address family. Either family that allows it counts. */
  decide(
    source: Endpoint,
    destination: Endpoint,
    protocol: Protocol,
    port: number | null,
    reading: ReadingName = 'intended',
  ): FlowDecision | null {
    return mostOpen(
      pairFamilies(source, destination).map((family) =>
        evaluatePair(this.snapshot, source, destination, { protocol, port, family }, reading),
      ),
    );
  }

  /** The verdict alone, for checks that ask about many flows; `deny` when the two share no address family. */
  verdict(source: Endpoint, destination: Endpoint, protocol: Protocol, port: number): Verdict {
    let best: Verdict = 'deny';
    for (const family of pairFamilies(source, destination)) {
      const found = pairVerdict(this.snapshot.intended, source, destination, { protocol, port, family });
      if (RANK[found] > RANK[best]) best = found;
    }
    return best;
  }

  /** The verdict of one side alone: of the egress policies of the source, or the ingress policies of the destination. */
  half(direction: Direction, source: Endpoint, destination: Endpoint, protocol: Protocol, port: number): Verdict {
    return this.decide(source, destination, protocol, port)?.[direction].verdict ?? 'deny';
  }

  /** A flow with what both readings make of it. */
  flow(source: Endpoint, destination: Endpoint, protocol: Protocol, port: number | null): Counterexample {
    const decisions = pairFamilies(source, destination).map((family) =>
      evaluateBoth(this.snapshot, source, destination, { protocol, port, family }),
    );
    const intended = mostOpen(decisions.map((decision) => decision.intended));
    const enforced = mostOpen(decisions.map((decision) => decision.enforced));
    const [from, to] = [endpointName(source), endpointName(destination)];
    return {
      source: from,
      destination: to,
      protocol: protocolName(protocol),
      port,
      intended: intended?.verdict ?? 'deny',
      enforced: enforced?.verdict ?? 'deny',
      summary: intended === null ? 'the two share no address family' : describeFlow(intended, from, to),
    };
  }

  /** A pod that nobody has made yet. */
  newPod(namespace: string, labels?: Labels): Endpoint {
    return newPod(this.snapshot, namespace, labels);
  }

  /** A pod of a namespace that nobody has named. */
  get stranger(): Endpoint {
    return (this.#stranger ??= strangerPod(this.snapshot));
  }

  /**
   * Someone outside a namespace who may open the flow to `destination`: a pod of another namespace when one may, else a
   * stranger; null when nobody may.
   */
  outsider(destination: Endpoint, protocol: Protocol, port: number): Endpoint | null {
    const mayOpen = (source: Endpoint): boolean => this.verdict(source, destination, protocol, port) === 'allow';
    for (const { namespace, endpoints } of this.workloads) {
      const [source] = endpoints;
      if (source !== undefined && namespace !== destination.namespace && mayOpen(source)) return source;
    }
    return mayOpen(this.stranger) ? this.stranger : null;
  }

  /** The reason that an owner gave for something in an annotation of the pod, its template or its namespace; '' for none. */
  acceptedBecause(what: Accepted, endpoint: Endpoint): string {
    const key = ACCEPTED[what];
    const ofNamespace = this.snapshot.index.namespaces.get(endpoint.namespace)?.meta.annotations;
    return this.shapeOf(endpoint)?.annotations[key] ?? ofNamespace?.[key] ?? '';
  }

  /** What the object behind a pod, or the template of a workload without pods, says of itself; null for made-up pods. */
  shapeOf(endpoint: Endpoint): PodShape | null {
    const { pods, workloads } = this.snapshot.index;
    this.#shapes ??= {
      pods: shapesByName(pods),
      templates: shapesByName(workloads.map(({ meta, template }) => ({ meta, shape: template }))),
    };
    const shapes = endpoint.hypothetical ? this.#shapes.templates : this.#shapes.pods;
    return shapes.get(endpoint.namespace)?.get(endpoint.name) ?? null;
  }
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** By namespace, then by name: nothing is put together to look one up. */
type ShapesByName = ReadonlyMap<string, ReadonlyMap<string, PodShape>>;

function shapesByName(
  named: readonly { readonly meta: Pick<ObjectRef, 'namespace' | 'name'>; readonly shape: PodShape }[],
): ShapesByName {
  return new Map(
    [...groupBy(named, ({ meta }) => meta.namespace)].map(([namespace, members]) => [
      namespace,
      new Map(members.map(({ meta, shape }) => [meta.name, shape])),
    ]),
  );
}

const RANK: Readonly<Record<Verdict, number>> = { deny: 0, unknown: 1, allow: 2 };

function mostOpen(decisions: readonly FlowDecision[]): FlowDecision | null {
  let best: FlowDecision | null = null;
  for (const decision of decisions) {
    if (best === null || RANK[decision.verdict] > RANK[best.verdict]) best = decision;
  }
  return best;
}

export function namespaceRef(name: string): ObjectRef {
  return { group: '', kind: 'Namespace', namespace: '', name };
}

/** The first TCP port that a pod declares, else 80. */
export function somePort(endpoint: Endpoint): number {
  return endpoint.ports.find((port) => port.protocol === TCP && !port.init)?.port ?? 80;
}

/** `a/x, a/y and 3 more`. */
export function nameObjects(refs: readonly { readonly namespace: string; readonly name: string }[]): string {
  const names = [...new Set(refs.map(objectLabel))];
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
}
