import type { JsonObject } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { dnsRules } from './default-deny.js';
import { sayPolicy, type SketchPort } from './policy-sketch.js';

/** What pods of a namespace may reach by name, beside what other policies let them. */
export interface NamesSketch {
  readonly namespace: string;
  readonly name: string;
  /** As a NetworkPolicy writes it. */
  readonly podSelector: JsonObject;
  readonly rules: readonly { readonly names: readonly string[]; readonly ports: readonly SketchPort[] }[];
}

/** How an engine takes names. */
export interface NameRules {
  readonly kind: string;
  /** What has to be there for it. */
  readonly note: string;
  /** Null when it cannot be said, or would not work; always for kinds that allow nothing themselves. */
  readonly write: (context: AuditContext, sketch: NamesSketch) => JsonObject | null;
}

const CILIUM: NameRules = {
  kind: 'CiliumNetworkPolicy',
  note: 'the agent learns names from the answers that pods get, so their questions for names go through it',
  write: (context, { namespace, name, podSelector, rules }) => {
    const dns = dnsRules(context);
    if (dns.length === 0) return null;
    const named = rules.map(({ names, ports }) => ({
      direction: 'egress' as const,
      peers: names.map((host) => ({ type: 'host' as const, name: host, cidrs: [] })),
      ports,
    }));
    const said = sayPolicy({ namespace, name, labels: {}, closes: ['egress'], rules: [...named, ...dns] }, 'cilium');
    return { ...said, spec: { ...(said['spec'] as JsonObject), endpointSelector: podSelector } };
  },
};

const ANTREA: NameRules = {
  kind: 'Antrea NetworkPolicy',
  note: 'it comes before NetworkPolicies, and after policies of the tiers before `application`',
  write: (_, { namespace, name, podSelector, rules }) => ({
    apiVersion: 'crd.antrea.io/v1beta1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: {
      priority: 5,
      appliedTo: [{ podSelector }],
      egress: rules.map(({ names, ports }) => ({
        action: 'Allow',
        to: names.map((fqdn) => ({ fqdn })),
        ...portsOf(ports),
      })),
    },
  }),
};

const GKE: NameRules = {
  kind: 'FQDNNetworkPolicy',
  note: 'FQDN network policies have to be switched on for the cluster',
  write: (_, { namespace, name, podSelector, rules }) =>
    rules.some(({ ports }) => ports.some(({ protocol }) => protocol === 'SCTP'))
      ? null
      : {
          apiVersion: 'networking.gke.io/v1alpha1',
          kind: 'FQDNNetworkPolicy',
          metadata: { name, namespace },
          spec: {
            podSelector,
            egress: rules.map(({ names, ports }) => ({
              matches: names.map((host) => ({ name: host })),
              ...portsOf(ports),
            })),
          },
        },
};

const OVN: NameRules = {
  kind: 'EgressFirewall',
  note: 'an EgressFirewall only narrows what policies allow: let the policy allow the port, and the firewall the name by `dnsName` before it denies the rest',
  write: () => null,
};

function portsOf(ports: readonly SketchPort[]): JsonObject {
  return ports.length === 0 ? {} : { ports: ports.map(({ protocol, port }) => ({ protocol, port })) };
}

/** Engines with rules by name, by their ids; others have none that is not experimental or commercial. */
export const NAME_RULES: Readonly<Partial<Record<string, NameRules>>> = {
  cilium: CILIUM,
  'aks-cilium': { ...CILIUM, note: `Advanced Container Networking Services have to be on; ${CILIUM.note}` },
  'gke-dataplane-v2': GKE,
  antrea: ANTREA,
  'ovn-kubernetes': OVN,
};
