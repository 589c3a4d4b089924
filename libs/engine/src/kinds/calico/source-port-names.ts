import { and, not, or } from '../../model/index.js';
import type { Condition, Protocol, Selector } from '../../model/index.js';
import type { CalicoContext } from './calico.context.js';
import type { RawEntity } from './calico.raw.js';
import { clientsWithNames } from './named-ports.js';
import { fromPorts, namesOf, notFromPorts, numbersOf } from './ports.compile.js';

/** Clients of one sort and what their port must be. */
export interface SourceVariant {
  /** Null for every client that the rule names. */
  readonly clients: Selector | null;
  readonly conditions: readonly Condition[];
}

/**
 * The client's port by number and by name. A name means another number at each client, so a rule with names splits by
 * what they mean. (CAL-35)
 */
export function sourceVariants(
  source: RawEntity,
  protocol: Protocol | null,
  namespace: string,
  context: CalicoContext,
): readonly SourceVariant[] {
  const holders = (names: readonly string[]) => clientsWithNames(source, names, protocol, namespace, context);
  const wanted = wantedPorts(source, holders(namesOf(source.ports)));
  const unwanted = unwantedPorts(source, holders(namesOf(source.notPorts)));
  return wanted.flatMap((some) =>
    unwanted.map((others): SourceVariant => ({
      clients: bothOf(some.clients, others.clients),
      conditions: [...some.conditions, ...others.conditions],
    })),
  );
}

type Holders = ReturnType<typeof clientsWithNames>;

function wantedPorts({ ports }: RawEntity, holders: Holders): readonly SourceVariant[] {
  const numbers = numbersOf(ports);
  const byName = holders.map(({ clients, numbers: named }) => ({ clients, conditions: fromPorts(named) }));
  // Names that nobody has match nobody.
  const isByName = numbers.length === 0 && ports.length > 0;
  return isByName ? byName : [{ clients: null, conditions: fromPorts(numbers) }, ...byName];
}

function unwantedPorts({ notPorts }: RawEntity, holders: Holders): readonly SourceVariant[] {
  const conditions = notFromPorts(numbersOf(notPorts));
  if (holders.length === 0) return [{ clients: null, conditions }];
  return [
    { clients: not(or(...holders.map(({ clients }) => clients))), conditions },
    ...holders.map(({ clients, numbers }) => ({ clients, conditions: [...conditions, ...notFromPorts(numbers)] })),
  ];
}

function bothOf(a: Selector | null, b: Selector | null): Selector | null {
  return a === null || b === null ? (a ?? b) : and(a, b);
}
