import { objectLabel, pointer, protocolName, TCP } from '#engine';
import type { ContainerPort, Endpoint, JsonObject } from '#engine';

import { nameObjects } from '../context/audit-context.js';
import { receiversOf, sendersOf } from '../context/receivers.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { replaceSpec, specWith } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** A port that no server is found on, to show that the rule admits it all the same. */
const UNUSED_PORT = 54_321;

/** EXP-09. */
export const check = defineCheck({
  id: 'all-ports-to-peer',
  number: 'EXP-09',
  area: 'exposure',
  core: false,
  title: 'a rule opens every port where the receivers declare a few',
  description:
    'Finds rules with peers and without ports whose receivers all declare the ports that they listen on: whatever else comes to listen there is open to the peer from its first moment.',
  remediation: 'Write the ports that the receivers declare.',
  severity: 'low',
  confidence: 'certain',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['PCI-1.2.5', 'CM-7'],
  references: [REFERENCES.concepts],
  run(context) {
    const findings: FindingDraft[] = [];
    const servers = new Servers();
    let examined = 0;
    for (const rule of context.networkPolicies.flatMap((policy) => policy.rules)) {
      if (rule.entry === null || rule.peers.length === 0 || rule.ports.length > 0) continue;
      const receivers = receiversOf(context, rule);
      const [receiver] = receivers;
      if (receiver === undefined) continue;
      examined++;
      const { ports, names } = servers.of(receivers);
      if (ports === null) continue;
      const sender = sendersOf(context, rule).find((pod) => pod !== receiver);
      findings.push({
        title: `${objectLabel(rule.policy.ref)} opens every port, and the receivers use ${ports.length}`,
        scope: 'rule',
        object: rule.policy.ref,
        pointer: rule.pointer,
        evidence: [
          { what: 'receivers', value: names },
          {
            what: 'ports that they declare',
            value: ports.map(({ protocol, port }) => `${protocol} ${port}`).join(', '),
          },
        ],
        counterexample: sender === undefined ? null : context.flow(sender, receiver, TCP, UNUSED_PORT),
        fix: replaceSpec(
          rule.policy,
          'write the ports that are declared',
          specWith(rule.policy, pointer(rule.pointer, 'ports'), ports),
          'a port that a container listens on without declaring it would be closed',
        ),
      });
    }
    return conclude({ examined, findings, nothing: 'every rule with peers has ports, or no receiver' });
  },
});

interface Served {
  /** The ports that all of them declare together; null when one declares none. */
  readonly ports: readonly (JsonObject & { protocol: string; port: number })[] | null;
  readonly names: string;
}

/** What lists of receivers serve; rules with equal peers share theirs. */
class Servers {
  readonly #known = new Map<readonly Endpoint[], Served>();

  of(receivers: readonly Endpoint[]): Served {
    let served = this.#known.get(receivers);
    if (served === undefined) {
      const declared = receivers.map(({ ports }) => ports.filter((port) => !port.init));
      const ports = declared.some((each) => each.length === 0) ? null : distinct(declared.flat());
      this.#known.set(receivers, (served = { ports, names: ports === null ? '' : nameObjects(receivers) }));
    }
    return served;
  }
}

function distinct(ports: readonly ContainerPort[]): (JsonObject & { protocol: string; port: number })[] {
  const known = new Map(ports.map(({ protocol, port }) => [`${protocol} ${port}`, { protocol, port }]));
  return [...known.values()]
    .sort((a, b) => a.protocol - b.protocol || a.port - b.port)
    .map(({ protocol, port }) => ({ protocol: protocolName(protocol), port }));
}
