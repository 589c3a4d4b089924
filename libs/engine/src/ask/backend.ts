import type { Endpoint } from '../compile/endpoint.js';

export type Family = 4 | 6;

/**
 * Where clients are that are led alike: the name of their node, behind a blank for those whom redirects spare; '' where
 * the node is not known, which may be any.
 */
export type Area = string;

/** The area of those on a node whom redirects spare. */
export const sparedOn = (node: string): Area => ` ${node}`;

/** All areas of a node. */
export const areasOn = (node: string): readonly Area[] => [node, sparedOn(node)];

/** Where clients are; `spared` are those whom redirects spare. */
export function areaOfClient(spared: ReadonlySet<Endpoint>): (client: Endpoint) => Area {
  return (client) => (client.node !== '' && spared.has(client) ? sparedOn(client.node) : client.node);
}

/** Where a connection to a Service may end: an endpoint and the port there. `port` null: any port of the endpoint. */
export interface Backend {
  readonly endpoint: Endpoint;
  readonly port: number | null;
  /** It is going away, and serves since no other does. */
  readonly draining?: true;
  /** The node that its slice places it on, '' for none; absent where it is not of a slice. */
  readonly node?: string;
  /** Families in which it is sent to, as slices have one each; absent for all that it speaks. */
  readonly families?: readonly Family[];
  /** The port of the Service that leads there; absent where the client names one of the endpoint. */
  readonly servicePort?: number;
  /** The only clients that are led there, by where they are; absent for all. */
  readonly areas?: ReadonlySet<Area>;
}

/** Those that serve the clients of an area: all where it is not known. */
export function servingArea<B extends { readonly areas?: Backend['areas'] }>(
  backends: readonly B[],
  area: Area,
): readonly B[] {
  return area === '' ? backends : backends.filter(({ areas }) => areas?.has(area) !== false);
}

/** The node that a backend serves on, '' for none; null for any. A proxy goes by what slices say. */
export function servingNode({ endpoint, node }: Pick<Backend, 'endpoint' | 'node'>): string | null {
  return node ?? (endpoint.node === '' ? null : endpoint.node);
}
