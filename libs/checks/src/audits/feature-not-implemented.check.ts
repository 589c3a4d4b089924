import { field, list, objectLabel, SCTP } from '#engine';
import type { Deviation, Json, JsonObject, Semantics } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import type { RuleView } from '../context/policy-view.js';
import { rulePort, writtenProtocol } from '../context/rule-ports.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import type { Fix } from '../fix/fix.js';
import { operatorTask, replaceSpec, specWith } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** Ranges up to this length are written out port by port. */
const MOST_PORTS = 32;

/** Something that a rule may use and that not every network plugin implements. */
interface Feature {
  readonly name: string;
  readonly used: (rule: RuleView) => boolean;
  /** What the plugin makes of it. */
  readonly made: (semantics: Semantics) => Deviation;
}

const FEATURES: readonly Feature[] = [
  {
    name: 'a range of ports (endPort)',
    used: ({ ports }) => ports.some(isRange),
    made: ({ endPort }) => endPort,
  },
  {
    name: 'a port by its name',
    used: ({ ports }) => ports.some((port) => typeof field(port, 'port') === 'string'),
    made: ({ namedPorts }) => namedPorts,
  },
  {
    name: 'a block with exceptions (except)',
    used: ({ peers }) => peers.some((peer) => list(field(field(peer, 'ipBlock'), 'except')).length > 0),
    made: ({ ipBlockExcept }) => ipBlockExcept,
  },
  {
    name: 'SCTP',
    used: ({ ports }) => ports.some((port) => writtenProtocol(port) === SCTP),
    made: ({ sctp }) => (sctp ? 'exact' : 'ignored'),
  },
];

/** ENF-05. */
export const check = defineCheck({
  id: 'feature-not-implemented',
  number: 'ENF-05',
  area: 'enforcement',
  core: false,
  title: 'a rule uses what the network plugin does not implement',
  description:
    'Holds what rules use against what the detected network plugin, by its version and options, makes of it: ranges of ports, ports by name, exceptions of blocks, SCTP. Finds rules that mean something else on this cluster than what they say.',
  remediation: 'Say it in a way that the plugin knows, or update the plugin.',
  severity: 'medium',
  confidence: 'likely',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: [...PODS_AND_NETWORK_POLICIES, 'DaemonSet.apps'],
  compliance: ['CIS-5.3.1', 'SC-7'],
  references: [REFERENCES.concepts, REFERENCES.api],
  run(context) {
    const { cni } = context.snapshot;
    if (cni.enforced !== 'yes') {
      return { outcome: 'skip', reason: `it is not known that this cluster enforces policy: ${cni.title}` };
    }
    const semantics = (context.snapshot.enforced.sets[0] ?? context.policySet).semantics;
    let examined = 0;
    const findings = context.networkPolicies
      .flatMap((policy) => policy.rules)
      .flatMap((rule) =>
        FEATURES.filter(({ used }) => used(rule)).flatMap((feature): FindingDraft[] => {
          examined++;
          const made = feature.made(semantics);
          return made === 'exact' ? [] : [findingFor(context, rule, feature.name, made)];
        }),
      );
    return conclude({ examined, findings, nothing: 'no rule uses what plugins differ in' });
  },
});

const WORDS: Readonly<Record<Deviation, string>> = {
  exact: 'does what it says',
  ignored: 'does not see it',
  widened: 'lets more through',
  narrowed: 'lets less through',
  rejected: 'refuses the policy',
  unknown: 'may not do what it says',
};

function findingFor(context: AuditContext, rule: RuleView, feature: string, made: Deviation): FindingDraft {
  const { title } = context.snapshot.cni;
  const [subject] = rule.policy.selected;
  const flow = subject === undefined ? null : exampleOf(context, rule, subject);
  return {
    title: `${objectLabel(rule.policy.ref)} uses ${feature}: ${title} ${WORDS[made]}`,
    scope: 'rule',
    object: rule.policy.ref,
    pointer: `${rule.pointer}#${feature.split(' ').at(-1) ?? ''}`,
    evidence: [
      { what: 'network plugin', value: title },
      { what: 'what it makes of it', value: made },
    ],
    counterexample: flow,
    fix: fixFor(rule, feature),
  };
}

function exampleOf(
  context: AuditContext,
  rule: RuleView,
  subject: RuleView['policy']['selected'][number],
): FindingDraft['counterexample'] {
  const peer = rule.selectors.flatMap((selector) => context.podsChosenBy(selector))[0] ?? context.stranger;
  const [source, destination] = rule.direction === 'ingress' ? [peer, subject] : [subject, peer];
  const { protocol, port } = rulePort(rule, destination);
  return context.flow(source, destination, protocol, port);
}

function fixFor(rule: RuleView, feature: string): Fix {
  const ranges = rule.ports.filter(isRange);
  const isShort = ranges.every((port) => portsOf(port).length <= MOST_PORTS);
  if (ranges.length === 0 || !isShort || !feature.includes('endPort')) {
    return operatorTask(
      `write ${objectLabel(rule.policy.ref)} ${rule.pointer} without ${feature}`,
      'what the plugin knows is in its documentation: docs tell it for each plugin by `atlas cni`',
    );
  }
  const ports: readonly Json[] = rule.ports.flatMap((port): readonly Json[] =>
    isRange(port) ? portsOf(port) : [port],
  );
  const spec = specWith(rule.policy, `${rule.pointer}/ports`, ports);
  return replaceSpec(rule.policy, 'write the range out port by port', spec);
}

function isRange(port: Json): boolean {
  return typeof field(port, 'endPort') === 'number' && field(port, 'endPort') !== field(port, 'port');
}

function portsOf(port: Json): readonly JsonObject[] {
  const { endPort, ...first } = port as { readonly endPort: number; readonly port: number };
  const length = Math.max(0, Math.min(endPort - first.port + 1, MOST_PORTS + 1));
  return Array.from({ length }, (_, at) => ({ ...first, port: first.port + at }));
}
