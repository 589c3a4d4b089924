import type { CniEvidence, NodeFact } from '../../model/index.js';
import { finding } from '../detector.js';
import type { CniDetector } from '../detector.js';
import { readVersion } from '../version.js';

const NODE_ARGS = 'k3s.io/node-args';

/**
 * What k3s has inside: Flannel, and kube-router's policy controller unless a server says `--disable-network-policy`.
 * Where another plugin runs and no arguments are visible, that plugin decides; where they are visible and do not
 * switch the controller off, both enforce.
 */
export const k3sDetector: CniDetector = {
  id: 'k3s',
  detect(view, found) {
    const nodes = view.nodes.filter((node) => node.kubeletVersion.includes('+k3s'));
    if (nodes.length === 0) return null;
    const servers = nodes.map(readArgs).filter((args) => args[0] === 'server');
    const answers = new Set(servers.map((args) => switchedOn(args, 'disable-network-policy')));
    const others = found.filter((one) => one.networking !== '' || one.enforces === 'yes');
    const evidence: CniEvidence[] = [
      { source: 'Nodes', detail: `${nodes.length} of ${view.nodes.length} run a kubelet of k3s`, weight: 0.9 },
    ];
    const enforces = servers.length === 0 ? 'yes' : answers.size > 1 ? 'unknown' : answers.has(true) ? 'no' : 'yes';
    if (servers.length > 0) evidence.push(describeServers(enforces));
    if (others.length > 0 && servers.length === 0) {
      // The plugin that was installed on top decides; what k3s itself does cannot be seen.
      return finding({ evidence, options: { platform: 'k3s' } });
    }
    const ownNetwork = others.length === 0 && !servers.some((args) => valueOf(args, 'flannel-backend') === 'none');
    const nodePorts = servers.map((args) => valueOf(args, 'service-node-port-range')).find((range) => range !== null);
    return finding({
      profile: 'k3s',
      networking: ownNetwork ? 'flannel' : '',
      enforces: enforces === 'no' && others.length > 0 ? null : enforces,
      version: readVersion(nodes[0]?.kubeletVersion ?? ''),
      evidence,
      options: {
        platform: 'k3s',
        ...(nodePorts === undefined ? {} : { 'service-node-port-range': nodePorts }),
      },
      coverage: nodes.length === view.nodes.length ? 'all' : { nodes: new Set(nodes.map((node) => node.meta.name)) },
      certainty: servers.length === 0 ? 0.85 : 1,
    });
  },
};

function describeServers(enforces: 'yes' | 'no' | 'unknown'): CniEvidence {
  const detail = {
    yes: 'no server has --disable-network-policy: the embedded policy controller runs',
    no: 'the servers have --disable-network-policy: the embedded policy controller does not run',
    unknown: 'the servers disagree about --disable-network-policy',
  }[enforces];
  return { source: `annotation ${NODE_ARGS} of the servers`, detail, weight: 0.9 };
}

/** The annotation holds a JSON list of words; anything else counts as unreadable. */
function readArgs(node: NodeFact): readonly string[] {
  const value = node.meta.annotations[NODE_ARGS];
  if (value === undefined) return [];
  try {
    const words: unknown = JSON.parse(value);
    return Array.isArray(words) ? words.filter((word): word is string => typeof word === 'string') : [];
  } catch {
    return [];
  }
}

function switchedOn(args: readonly string[], flag: string): boolean {
  const value = valueOf(args, flag);
  return value !== null && value !== 'false';
}

function valueOf(args: readonly string[], flag: string): string | null {
  for (const [index, word] of args.entries()) {
    if (word.startsWith(`--${flag}=`)) return word.slice(flag.length + 3);
    if (word !== `--${flag}`) continue;
    const next = args[index + 1];
    return next === undefined || next.startsWith('--') ? 'true' : next;
  }
  return null;
}
