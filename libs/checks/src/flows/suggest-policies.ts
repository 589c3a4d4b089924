import { askAboutFlow, contains, hasPassed, isHost, isSelected, parseCidr, protocolName, SEES_ALL, YES } from '#engine';
import type { Cidr, CompiledSnapshot, Direction, Ip, JsonObject, PlacedFlow, Sees } from '#engine';

import { AuditContext } from '../context/audit-context.js';
import { DEFAULT_SETTINGS } from '../context/audit-settings.js';
import { DIRECTIONS } from '../context/policy-view.js';
import type { WorkloadView } from '../context/workload-view.js';
import { applyFix } from '../fix/apply-fix.js';
import { dnsRules, freeName } from '../fix/default-deny.js';
import type { Prediction } from '../fix/fix.js';
import { applyObjects } from '../fix/make-fix.js';
import {
  peerWords,
  sayPolicy,
  type PolicyForm,
  type SketchPeer,
  type SketchPort,
  type SketchRule,
} from '../fix/policy-sketch.js';
import { predictFix } from '../fix/predict-fix.js';
import { toYaml } from '../fix/to-yaml.js';
import { addressBlocks } from './address-blocks.js';
import { needsOf, type WorkloadNeeds } from './flow-needs.js';

export interface SuggestOptions {
  /** The kind of policy to write; without it, the one that says most of what was seen in this cluster. */
  readonly form?: PolicyForm | undefined;
  /** Only for workloads of these. */
  readonly namespaces?: readonly string[] | undefined;
  /** What the caller may know of; everything when left out. */
  readonly sees?: Sees;
}

/** The least that lets through what one workload was seen to do. */
export interface SuggestedPolicy {
  readonly workload: string;
  readonly namespace: string;
  readonly name: string;
  readonly manifest: string;
  /** What it lets through and how often that was seen; 0 for what is let through unseen, as DNS. */
  readonly allows: readonly {
    readonly direction: 'ingress' | 'egress';
    readonly peer: string;
    readonly ports: string;
    readonly count: number;
  }[];
}

/** A flow that was seen and that would not pass. */
export interface CutFlow {
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly port: number | null;
  readonly count: number;
  readonly why: string;
}

/** Policies made from flows, proved on the snapshot that they are for. Nothing is applied. */
export interface FlowSuggestions {
  readonly form: PolicyForm;
  readonly policies: readonly SuggestedPolicy[];
  /** All of them, as a stream of YAML documents. */
  readonly manifest: string;
  /** What they would open and close, over all that is there and not just what was seen. */
  readonly prediction: Prediction;
  /** How many of the flows that passed still do. */
  readonly kept: number;
  readonly cut: readonly CutFlow[];
  /** What to know before they are applied. */
  readonly notes: readonly string[];
}

/** Writes policies that let through what was seen to pass, and has the engine prove it. */
export function suggestPolicies(
  snapshot: CompiledSnapshot,
  flows: readonly PlacedFlow[],
  options: SuggestOptions = {},
): FlowSuggestions {
  const context = new AuditContext(snapshot, DEFAULT_SETTINGS);
  const notes = new Set<string>();
  const passed = flowsThatPass(flows, notes);
  for (const flow of passed) noteDenied(snapshot, flow, notes);
  const form = options.form ?? fittingForm(snapshot, passed);
  const { namespaces: wanted, sees = SEES_ALL } = options;
  const found = needsOf(context, passed).filter(({ namespace }) => wanted?.includes(namespace) ?? true);
  const writer = new PolicyWriter(context, form, notes);
  const written = found.flatMap((needs) => writer.write(needs));
  const objects = written.map(({ object }) => object);
  const fix = applyObjects('allow what was seen', objects);
  const nothing: Prediction = { changes: [], opened: 0, closed: 0 };
  const prediction = objects.length === 0 ? nothing : (predictFix(snapshot, fix, { sees }) ?? nothing);
  const after = objects.length === 0 ? snapshot : applyFix(snapshot, fix);
  const cut = passed.flatMap((flow) => cutFlow(after, flow, sees));
  return {
    form,
    policies: written.map(({ policy }) => policy),
    manifest: fix.manifest,
    prediction,
    kept: passed.length - cut.length,
    cut,
    notes: [...notes],
  };
}

/** Flows that a policy should let through: not those that were seen to leave only, and dropped where they arrived. */
function flowsThatPass(flows: readonly PlacedFlow[], notes: Set<string>): readonly PlacedFlow[] {
  const pair = ({ sourceName, destinationName, protocol, port }: PlacedFlow): string =>
    [sourceName, destinationName, protocol, port].join(' ');
  const dropped = new Set(flows.filter(({ verdict }) => verdict === 'dropped').map(pair));
  return flows.filter((flow) => {
    if (!hasPassed(flow)) return false;
    const { source, destination, sourceName, destinationName } = flow;
    if (source === null || destination === null) {
      notes.add(
        `left out: ${sourceName} → ${destinationName}, as ${source === null ? sourceName : destinationName} is not in the inventory`,
      );
      return false;
    }
    if (!dropped.has(pair(flow)) || flow.arrived) return true;
    notes.add(`left out: ${sourceName} → ${destinationName}, as it was dropped where it arrived`);
    return false;
  });
}

function noteDenied(snapshot: CompiledSnapshot, flow: PlacedFlow, notes: Set<string>): void {
  if (flow.verdict !== 'forwarded' || askAboutFlow(snapshot, flow)?.enforced.verdict !== 'denied') return;
  const { sourceName, destinationName } = flow;
  notes.add(
    `${sourceName} → ${destinationName} passed although policy denies it: look whether it is meant to before it is let through`,
  );
}

/** Kubernetes' own kind unless another that the cluster enforces says more of what was seen: names, the API server, ICMP. */
function fittingForm({ cni }: CompiledSnapshot, flows: readonly PlacedFlow[]): PolicyForm {
  if (/cilium|dataplane-v2/.test(cni.policyEngine)) {
    const isNamed = flows.some(({ destination }) => (destination?.hostNames.length ?? 0) > 0);
    const hasNodes = flows.some((flow) =>
      [flow.source, flow.destination].some(
        (peer) => peer?.resolved.type === 'endpoints' && peer.resolved.endpoints.some(isHost),
      ),
    );
    if (isNamed || hasNodes) return 'cilium';
  }
  const hasPings = flows.some(({ port }) => port === null);
  return /calico|canal/.test(cni.policyEngine) && hasPings ? 'calico' : 'kubernetes';
}

function cutFlow(after: CompiledSnapshot, flow: PlacedFlow, sees: Sees): readonly CutFlow[] {
  const answer = askAboutFlow(after, flow, sees);
  if (answer?.intended.verdict === 'allowed') return [];
  const { sourceName: source, destinationName: destination, protocol, port, count } = flow;
  const why = answer?.intended.summary ?? 'the Service has no such port';
  return [{ source, destination, protocol: protocolName(protocol), port, count, why }];
}

class PolicyWriter {
  readonly #taken = new Set<string>();
  readonly #dns: readonly SketchRule[];
  readonly #podBlocks: readonly Cidr[];
  /** Workloads by each label that a pod of theirs has. */
  readonly #labelled = new Map<string, Set<WorkloadView>>();

  constructor(
    readonly context: AuditContext,
    readonly form: PolicyForm,
    readonly notes: Set<string>,
  ) {
    this.#dns = dnsRules(context);
    this.#podBlocks = context.snapshot.index.nodes.flatMap(({ podCidrs }) =>
      podCidrs.flatMap((text) => parseCidr(text) ?? []),
    );
    for (const workload of context.workloads) {
      for (const { labels } of workload.endpoints) {
        for (const [label, value] of Object.entries(labels)) {
          const key = labelKey(workload.namespace, label, value);
          const known = this.#labelled.get(key) ?? new Set<WorkloadView>();
          this.#labelled.set(key, known.add(workload));
        }
      }
    }
  }

  write(workload: WorkloadNeeds): readonly { readonly policy: SuggestedPolicy; readonly object: JsonObject }[] {
    const { namespace, labels, label } = workload;
    if (Object.keys(labels).length === 0) {
      this.notes.add(
        `nothing is written for ${label}: its pods share no label that lasts, so no policy can select just them`,
      );
      return [];
    }
    this.#noteOthers(workload);
    const name = this.#name(workload);
    const rules = [...this.#rules(workload), ...this.#dns];
    const closes = this.#closes(workload, rules);
    const object = sayPolicy({ namespace, name, labels, closes, rules: union(rules) }, this.form);
    return [
      {
        policy: { workload: label, namespace, name, manifest: toYaml([object]), allows: this.#allows(workload) },
        object,
      },
    ];
  }

  /**
   * Both directions; but where any rule for ingress lets the own node in and none is needed, Cilium's kind leaves ingress as
   * the cluster has it, closed. A NetworkPolicy that did would be open to whoever reads it as written. (CNP-85)
   */
  #closes({ label, pods }: WorkloadNeeds, rules: readonly SketchRule[]): readonly Direction[] {
    const waiting = this.context.snapshot.enforced.sets.find(
      ({ semantics }) => semantics.ownNodeToPod && semantics.ownNodeNeedsRule !== 'no',
    );
    if (waiting === undefined) return DIRECTIONS;
    if (this.form === 'cilium' && !rules.some(({ direction }) => direction === 'ingress')) return ['egress'];
    if (pods.some((pod) => isSelected(waiting, 'ingress', pod) !== YES)) {
      const may = waiting.semantics.ownNodeNeedsRule === 'yes' ? '' : ' from Cilium 1.20 on';
      this.notes.add(
        `the own node reaches every port of ${label}${may} once there is any rule for its ingress, so with this policy`,
      );
    }
    return DIRECTIONS;
  }

  #name({ namespace, name }: WorkloadNeeds): string {
    const wanted = freeName(this.context, namespace, `${name.slice(0, 48)}-as-seen`);
    let free = wanted;
    for (let number = 2; this.#taken.has(`${namespace}/${free}`); number++) free = `${wanted}-${number}`;
    this.#taken.add(`${namespace}/${free}`);
    return free;
  }

  /** Labels of a workload may be those of others too. */
  #noteOthers({ namespace, name, label, labels }: WorkloadNeeds): void {
    const wanted = Object.entries(labels);
    const sharing = wanted.map(([key, value]) => [...(this.#labelled.get(labelKey(namespace, key, value)) ?? [])]);
    const [fewest = []] = sharing.sort((a, b) => a.length - b.length);
    const also = fewest.filter(
      (other) =>
        other.name !== name && other.endpoints.some((pod) => wanted.every(([key, value]) => pod.labels[key] === value)),
    );
    if (also.length > 0)
      this.notes.add(`the policy of ${label} selects ${also.map((other) => other.label).join(', ')} too`);
  }

  /** Peers with the same ports share a rule; addresses are made into blocks first. */
  #rules(workload: WorkloadNeeds): readonly SketchRule[] {
    const groups = new Map<
      string,
      { direction: SketchRule['direction']; peers: SketchPeer[]; ports: readonly SketchPort[] }
    >();
    for (const { direction, peer, ports } of workload.needs.values()) {
      const said = this.#sayable(workload, [...ports.values()]);
      if (said.length === 0) continue;
      const key = `${direction} ${JSON.stringify(said)}`;
      const group = groups.get(key) ?? { direction, peers: [], ports: said };
      groups.set(key, group);
      group.peers.push(peer);
    }
    return [...groups.values()].map((group) => ({ ...group, peers: this.#peers(workload, group.peers) }));
  }

  #sayable({ label }: WorkloadNeeds, ports: readonly SketchPort[]): readonly SketchPort[] {
    const sorted = [...ports].sort((a, b) => (a.port ?? 0) - (b.port ?? 0) || (a.protocol < b.protocol ? -1 : 1));
    if (this.form === 'calico') return sorted;
    for (const { protocol, port } of sorted) {
      if (port === null) this.notes.add(`${protocol} of ${label} is left out: this kind of policy cannot say it`);
    }
    return sorted.filter(({ port }) => port !== null);
  }

  #peers({ label }: WorkloadNeeds, peers: readonly SketchPeer[]): readonly SketchPeer[] {
    const addresses = peers.flatMap((peer) => this.#addressesOf(peer));
    const { cidrs, widened } = addressBlocks(addresses);
    if (widened)
      this.notes.add(
        `${label} talks to many addresses outside: they are allowed as ${cidrs.join(', ')}, which hold others too`,
      );
    if (addresses.some((ip) => this.#isOfPods(ip))) {
      this.notes.add(`${label} was seen with addresses of pods that have gone: blocks of them are worth a look`);
    }
    for (const peer of peers) {
      if (peer.type === 'pods' && Object.keys(peer.labels).length === 0)
        this.notes.add(
          `${label} was seen with pods of ${peer.namespace} that share no label that lasts: every pod there is allowed`,
        );
    }
    const others = peers.filter((peer) => this.#addressesOf(peer).length === 0);
    return [...others, ...cidrs.map((cidr): SketchPeer => ({ type: 'block', cidr }))];
  }

  /** Of what is allowed by address in this kind of policy. */
  #addressesOf(peer: SketchPeer): readonly Ip[] {
    const cidrs =
      peer.type === 'block' ? [peer.cidr] : peer.type === 'host' && this.form !== 'cilium' ? peer.cidrs : [];
    return cidrs.flatMap((text) => {
      const cidr = parseCidr(text);
      return cidr === null ? [] : [{ family: cidr.family, value: cidr.from }];
    });
  }

  #isOfPods(ip: Ip): boolean {
    return this.#podBlocks.some((block) => contains(block, ip));
  }

  #allows({ needs }: WorkloadNeeds): SuggestedPolicy['allows'] {
    const seen = [...needs.values()].map(({ direction, peer, ports, count }) => ({
      direction,
      peer: peerWords(peer),
      ports: [...ports.values()].map(portWords).join(', '),
      count,
    }));
    const dns = this.#dns.flatMap(({ direction, peers, ports }) =>
      peers.map((peer) => ({ direction, peer: peerWords(peer), ports: ports.map(portWords).join(', '), count: 0 })),
    );
    return [...seen, ...dns.filter(({ peer }) => !seen.some((one) => one.direction === 'egress' && one.peer === peer))];
  }
}

function labelKey(namespace: string, key: string, value: string): string {
  return [namespace, key, value].join('\0');
}

function portWords({ protocol, port }: SketchPort): string {
  return port === null ? protocol : `${protocol} ${port}`;
}

/** Rules without those that say no more than another one does. */
function union(rules: readonly SketchRule[]): readonly SketchRule[] {
  const says = (rule: SketchRule, other: SketchRule): boolean =>
    rule.direction === other.direction &&
    holds(rule.peers, other.peers) &&
    (rule.ports.length === 0 || (other.ports.length > 0 && holds(rule.ports, other.ports)));
  return rules.filter(
    (rule, at) => !rules.some((other, i) => i !== at && says(other, rule) && (i > at || !says(rule, other))),
  );
}

function holds(some: readonly unknown[], few: readonly unknown[]): boolean {
  const known = new Set(some.map((one) => JSON.stringify(one)));
  return few.every((one) => known.has(JSON.stringify(one)));
}
