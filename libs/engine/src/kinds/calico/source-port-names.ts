import { and, or } from '../../model/index.js';
import type { Condition, ContainerPort, Protocol, Selector } from '../../model/index.js';
import type { CalicoContext } from './calico.context.js';
import type { RawEntity } from './calico.raw.js';
import { namesOf, sourcePortConditions } from './ports.compile.js';

/** Clients of one sort and what their port must be. */
export interface SourceVariant {
  /** Null for every client that the rule names. */
  readonly clients: Selector | null;
  readonly conditions: readonly Condition[];
}

/**
 * The client's port by number and by name. A name means another number at each client, so a rule with names splits by
 * number. (CAL-35)
 */
export function sourceVariants(
  source: RawEntity,
  protocol: Protocol | null,
  context: CalicoContext,
): readonly SourceVariant[] {
  const names = namesOf(source.ports);
  const conditions = [...sourcePortConditions({ ...source, ports: [] }), ...unreadNames(source)];
  const numbers = sourcePortConditions({ ...source, notPorts: [] });
  if (names.length === 0) return [{ clients: null, conditions: [...numbers, ...conditions] }];
  const variants: SourceVariant[] =
    numbers.length === 0 ? [] : [{ clients: null, conditions: [...numbers, ...conditions] }];
  for (const [port, clients] of clientsByPort(names, protocol, context)) {
    variants.push({ clients, conditions: [{ type: 'sourcePort', ranges: [[port, port]] }, ...conditions] });
  }
  return variants;
}

/** Names that a client's port must not have: not evaluated. */
function unreadNames(source: RawEntity): readonly Condition[] {
  const names = namesOf(source.notPorts);
  if (names.length === 0) return [];
  return [{ type: 'unsupported', what: `client ports other than ${names.join(', ')} are not evaluated` }];
}

interface Named {
  readonly namespace: string;
  readonly name: string;
  readonly ports: readonly ContainerPort[];
}

function clientsByPort(
  names: readonly string[],
  protocol: Protocol | null,
  context: CalicoContext,
): ReadonlyMap<number, Selector> {
  const { pods, workloads } = context.env;
  const clients: Named[] = [
    ...pods.map(({ meta, shape }) => ({ namespace: meta.namespace, name: meta.name, ports: shape.ports })),
    ...workloads.map(({ meta, template }) => ({ namespace: meta.namespace, name: meta.name, ports: template.ports })),
  ];
  const out = new Map<number, Selector[]>();
  for (const { namespace, name, ports } of clients) {
    const wanted = ports.filter(
      (port) => names.includes(port.name) && (protocol === null || port.protocol === protocol),
    );
    for (const port of new Set(wanted.map((entry) => entry.port))) {
      const known = out.get(port) ?? [];
      out.set(port, known);
      known.push({ type: 'endpoint', namespace, names: [name] });
    }
  }
  const workload: Selector = { type: 'kind', kinds: ['pod', 'hostpod'] };
  return new Map([...out].sort(([a], [b]) => a - b).map(([port, members]) => [port, and(workload, or(...members))]));
}
