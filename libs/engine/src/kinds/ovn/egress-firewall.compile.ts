import { oncePer, pointer } from '../../base/index.js';
import { and, NONE, not } from '../../model/index.js';
import type { CompiledPolicy, PolicyEntry, PolicyFact, Selector, Semantics, Tier } from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import { HOST_CIDRS } from '../../normalise/read-network.js';
import type { CompileEnv } from '../frontend.js';
import { podSubject } from '../shared/index.js';
import { parseEgressFirewall } from './egress-firewall.parse.js';
import type { RawDestination, RawFirewallRule } from './egress-firewall.raw.js';

/** A gate of its own: what policy allows must also pass here (EF-2). */
export const EGRESS_FIREWALL_TIER: Tier = {
  id: 'egress-firewall',
  title: 'EgressFirewall',
  order: [0],
  passTo: '',
  gate: 'egress-firewall',
};

/** One entry per rule, in order; what none matches is allowed (egress-firewall.semantics.md). */
export function compileEgressFirewall(fact: PolicyFact, env: CompileEnv): CompiledPolicy {
  const problems = new ProblemList(fact.meta);
  const rules = parseEgressFirewall(fact, problems);
  const { group, kind, namespace, name } = fact.meta;
  const policy = { group, kind, namespace, name };
  const subject = podSubject(env.semantics, { type: 'namespace', names: [namespace] });
  const conditions = conditionsOf(rules, env.semantics, problems);
  if (problems.failed) return { policy, entries: [], diagnostics: problems.diagnostics, refused: true };
  return {
    policy,
    entries: rules.map((rule, index) => ({
      source: { policy, pointer: pointer('/spec/egress', index), index, name: '' },
      direction: 'egress',
      tier: EGRESS_FIREWALL_TIER.id,
      order: [index],
      tieUndefined: false,
      subject,
      peers: { type: 'of', selectors: [destination(rule.to, env)] },
      ports: { include: rule.ports ?? 'any', except: [] },
      family: null,
      action: rule.action,
      isolates: false,
      conditions,
    })),
    diagnostics: problems.diagnostics,
    refused: false,
  };
}

/** Without its resolver OVN-Kubernetes realises no object that has a name with `*.`; with it, none with a bare name. (EF-10) */
function conditionsOf(
  rules: readonly RawFirewallRule[],
  { options }: Semantics,
  problems: ProblemList,
): PolicyEntry['conditions'] {
  if (options['engine'] === undefined) return [];
  const resolver = options['enable-dns-name-resolver'];
  const on = resolver === 'true';
  let isOpen = false;
  for (const [index, { to }] of rules.entries()) {
    if (to?.type !== 'name') continue;
    const at = pointer('/spec/egress', index, 'to', 'dnsName');
    if (on && !to.name.replace(/\.$/, '').includes('.')) {
      problems.error('egressfirewall.bare_name', at, `\`${to.name}\` has no domain, so none of the rules is realised`);
    } else if (!on && to.name.startsWith('*.')) {
      const needs = '`*.` needs enable-dns-name-resolver, without which none of the rules is realised';
      if (resolver === undefined) problems.unsupported('egressfirewall.wildcard', at, needs);
      else problems.error('egressfirewall.wildcard', at, needs);
      isOpen = true;
    }
  }
  const what = 'whether enable-dns-name-resolver is on, without which a name with `*.` voids the firewall';
  return isOpen ? [{ type: 'unsupported', what }] : [];
}

function destination(to: RawDestination | null, env: CompileEnv): Selector {
  switch (to?.type) {
    case undefined:
      return NONE;
    case 'block':
      // The pod network is carved out of every block: the firewall looks at what leaves the cluster's pods (EF-4).
      return and({ type: 'kind', kinds: ['external', 'node', 'hostpod'] }, { type: 'cidr', cidr: to.cidr, except: [] });
    case 'name':
      return { type: 'hostName', pattern: { dialect: 'label', pattern: to.name } };
    case 'nodes':
      return and({ type: 'kind', kinds: ['node', 'hostpod'] }, to.selector, not(unlisted(env)));
  }
}

/** Nodes of which OVN-Kubernetes knows no address, where it tells those of others: nodes that it does not run. (EF-7) */
const unlisted = oncePer(({ nodes }: CompileEnv): Selector => {
  const names = nodes.filter(({ meta }) => meta.annotations[HOST_CIDRS] === undefined).map(({ meta }) => meta.name);
  return names.length === 0 || names.length === nodes.length ? NONE : { type: 'nodeName', names };
});
