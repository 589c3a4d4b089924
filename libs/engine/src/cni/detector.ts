import type { CniEvidence } from '../model/index.js';
import type { CniId } from './cni-id.js';
import type { Agent, AgentState, ClusterView } from './cluster-view.js';
import { readVersion, splitImage } from './version.js';

/** Where an engine enforces: nodes with a ready agent, every node (part of the node itself), or not to be seen. */
export type Coverage = { readonly nodes: ReadonlySet<string> } | 'all' | 'unseen';

/** What one detector found. */
export interface CniFinding {
  /** The profile that describes it; null for a finding that only adds evidence, such as a platform. */
  readonly profile: CniId | null;
  /** Replaces the profile's title where a platform has its own name for it; '' otherwise. */
  readonly title: string;
  /** The plugin that gives pods their addresses, as far as this finding tells; '' when it does not tell. */
  readonly networking: string;
  /** Whether `networking` was read from a setting, and not concluded from the engine alone. */
  readonly networkingStated: boolean;
  /** Whether it enforces policy; null for a finding that has nothing to say about that. */
  readonly enforces: 'yes' | 'no' | 'unknown' | null;
  readonly version: string;
  readonly evidence: readonly CniEvidence[];
  readonly options: Readonly<Record<string, string>>;
  readonly coverage: Coverage;
  /** Findings that this one explains and replaces: canal those of calico and flannel. */
  readonly absorbs: readonly CniId[];
  /** 0–1: what is left of the evidence's weight, less than 1 when a switch of enforcement cannot be seen. */
  readonly certainty: number;
}

/**
 * Finds one networking plugin or policy engine. A detector looks at the cluster alone; `found` holds what the
 * detectors before it in the table found, for those that stand for the absence of others.
 */
export interface CniDetector {
  readonly id: string;
  detect(view: ClusterView, found: readonly CniFinding[]): CniFinding | null;
}

const NOTHING: CniFinding = {
  profile: null,
  title: '',
  networking: '',
  networkingStated: false,
  enforces: null,
  version: '',
  evidence: [],
  options: {},
  coverage: 'unseen',
  absorbs: [],
  certainty: 1,
};

/** A finding with defaults for what is not given. */
export function finding(parts: Partial<CniFinding>): CniFinding {
  return { ...NOTHING, ...parts };
}

/**
 * How to recognise an agent. Registries are mirrored and Helm renames, so two of the four signs must agree:
 * the name, a label, a container's name, the end of a container's image repository.
 */
export interface AgentPattern {
  readonly name: RegExp;
  readonly labels?: Readonly<Record<string, string>>;
  readonly container?: RegExp;
  /** Tested against the image repository without tag and digest. */
  readonly image: RegExp;
}

/** Agents that match a pattern, and what they say together. */
export interface Sighting {
  readonly agents: readonly Agent[];
  /** The best of them: running before declared before down. `absent` ones are no sighting. */
  readonly state: Exclude<AgentState, 'absent'>;
  /** From the image that the pattern names, '' when its tag is none. */
  readonly version: string;
  /** The tag of that image, '' when it has none. */
  readonly tag: string;
  readonly evidence: readonly CniEvidence[];
  readonly coverage: Coverage;
}

const STATE_WEIGHT: Readonly<Record<Sighting['state'], number>> = { running: 1, declared: 0.8, down: 0.4 };
const STATE_TEXT: Readonly<Record<Sighting['state'], string>> = {
  running: 'runs',
  declared: 'is declared, without a status',
  down: 'has no ready pod',
};

/** Looks for an agent; null when none matches or none is scheduled on any node. */
export function sight(view: ClusterView, pattern: AgentPattern, kind = 'DaemonSet'): Sighting | null {
  const agents = view.agents.filter(
    (agent) => agent.kind === kind && agent.state !== 'absent' && signs(agent, pattern) >= 2,
  );
  if (agents.length === 0) return null;
  const states: readonly Sighting['state'][] = ['running', 'declared', 'down'];
  const state = states.find((candidate) => agents.some((agent) => agent.state === candidate)) ?? 'down';
  const tag = tagOf(agents, pattern.image);
  return {
    agents,
    state,
    version: readVersion(tag),
    tag,
    evidence: agents.map((agent) => ({
      source: agent.source,
      detail: describeAgent(agent, pattern),
      weight: agent.state === 'absent' ? 0 : STATE_WEIGHT[agent.state],
    })),
    coverage: coverageOf(agents),
  };
}

/** Whether an agent that was seen enforces: one without a ready pod leaves it open. */
export function enforcesWhenUp(seen: Sighting): 'yes' | 'unknown' {
  return seen.state === 'down' ? 'unknown' : 'yes';
}

/** The nodes that ready pods of these agents are on. */
export function coverageOf(agents: readonly Agent[]): Coverage {
  const nodes = new Set<string>();
  let seen = false;
  for (const agent of agents) {
    if (agent.readyNodes === null) continue;
    seen = true;
    for (const node of agent.readyNodes) nodes.add(node);
  }
  return seen ? { nodes } : 'unseen';
}

/** The values of a flag such as `--run-firewall` in the agents' arguments; a flag without a value counts as `true`. */
export function flagOf(agents: readonly Agent[], flag: string, container?: RegExp): string | null {
  for (const agent of agents) {
    for (const one of agent.containers) {
      if (container !== undefined && !container.test(one.name)) continue;
      for (const [index, argument] of one.args.entries()) {
        const plain = argument.replace(/^--?/, '');
        if (plain === flag) return flagValue(one.args[index + 1]);
        if (plain.startsWith(`${flag}=`)) return plain.slice(flag.length + 1).toLowerCase();
      }
    }
  }
  return null;
}

function flagValue(next: string | undefined): string {
  return next === undefined || next.startsWith('-') ? 'true' : next.toLowerCase();
}

/** The literal value of an environment variable of the agents, null when none sets it. */
export function envOf(agents: readonly Agent[], name: string): string | null {
  for (const agent of agents) {
    for (const container of agent.containers) {
      const value = container.env[name];
      if (value !== undefined) return value;
    }
  }
  return null;
}

/** True for what Go's flags and ConfigMaps take as true. */
export function isTrue(value: string | null | undefined): boolean {
  return value === 'true' || value === '1' || value === 't';
}

/** True for what Go's flags and ConfigMaps take as false. */
export function isFalse(value: string | null | undefined): boolean {
  return value === 'false' || value === '0' || value === 'f';
}

/** Evidence that annotations on nodes give, null when fewer than half of the nodes have one. */
export function annotationEvidence(view: ClusterView, prefix: string): CniEvidence | null {
  const count = view.nodesAnnotated(prefix);
  if (count === 0 || count * 2 < view.nodes.length) return null;
  return {
    source: 'Nodes',
    detail: `${count} of ${view.nodes.length} carry the annotation \`${prefix}\``,
    weight: 0.7,
  };
}

function signs(agent: Agent, pattern: AgentPattern): number {
  let count = pattern.name.test(agent.name) ? 1 : 0;
  if (Object.entries(pattern.labels ?? {}).some(([key, value]) => agent.labels[key] === value)) count++;
  if (pattern.container !== undefined && agent.containers.some((one) => pattern.container?.test(one.name))) count++;
  if (agent.containers.some((one) => pattern.image.test(splitImage(one.image).repository))) count++;
  return count;
}

function tagOf(agents: readonly Agent[], image: RegExp): string {
  for (const agent of agents) {
    for (const container of agent.containers) {
      const { repository, tag } = splitImage(container.image);
      if (image.test(repository) && tag !== '') return tag;
    }
  }
  return '';
}

function describeAgent(agent: Agent, pattern: AgentPattern): string {
  const image = agent.containers.find((one) => pattern.image.test(splitImage(one.image).repository))?.image ?? '';
  const count = agent.wanted !== null && agent.ready !== null ? `, ${agent.ready} of ${agent.wanted} ready` : '';
  const state = agent.state === 'absent' ? 'is scheduled nowhere' : STATE_TEXT[agent.state];
  return `${state}${count}${image === '' ? '' : `, image \`${image}\``}`;
}
