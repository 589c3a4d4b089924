import { formatIp, parseCidr, parseIp } from '../../net/index.js';
import type { IpRange } from '../../net/index.js';
import { TCP } from '../../model/index.js';
import type { Protocol } from '../../model/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { externalEndpoint } from '../../compile/endpoint-directory.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import { addressPeers } from '../exposure/peer-connections.js';

/** Cloud metadata service of every large provider (link-local, IPv4). */
export const METADATA_ADDRESS = '169.254.169.254';

/** Addresses that no one reaches across the internet (IANA special-purpose registries; documentation blocks left in). */
const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
] as const;
const PUBLIC_6 = '2000::/3';

export type LandmarkName = 'internet' | 'metadata' | 'apiServer';

/** A place whose reach is a finding of its own. */
export interface Landmark {
  readonly name: LandmarkName;
  readonly endpoint: Endpoint;
  /** Its address, or the range of addresses that it stands for. */
  readonly address: string;
  /** Protocol and port at which it counts; null for any port. */
  readonly port: readonly [Protocol, number] | null;
}

/** The landmarks of a snapshot. Without an EndpointSlice of `default/kubernetes` the API server is not known. */
export function landmarksOf(snapshot: CompiledSnapshot, reading: ReadingName): readonly Landmark[] {
  const metadata = parseIp(METADATA_ADDRESS);
  return [
    ...internetOf(snapshot, reading),
    ...(metadata === null
      ? []
      : [
          {
            name: 'metadata' as const,
            endpoint: externalEndpoint(metadata),
            address: METADATA_ADDRESS,
            port: [TCP, 80] as const,
          },
        ]),
    ...apiServersOf(snapshot),
  ];
}

function internetOf(snapshot: CompiledSnapshot, reading: ReadingName): Landmark[] {
  const hidden = NOT_PUBLIC.map((text) => parseCidr(text) as IpRange);
  const open = parseCidr(PUBLIC_6) as IpRange;
  const isPublic = ({ family, from }: IpRange): boolean =>
    family === 4
      ? !hidden.some((range) => range.from <= from && from <= range.to)
      : open.from <= from && from <= open.to;
  const cuts = { 4: hidden, 6: [open] };
  return ([4, 6] as const)
    .flatMap((family) => addressPeers([snapshot], reading, family, cuts[family]))
    .flatMap((peer): Landmark[] => {
      if (peer.type !== 'addresses' || !isPublic(peer.range)) return [];
      const first = { family: peer.range.family, value: peer.range.from };
      return [{ name: 'internet', endpoint: externalEndpoint(first), address: peer.key, port: null }];
    });
}

function apiServersOf(snapshot: CompiledSnapshot): Landmark[] {
  const slices = snapshot.index.slices.get('default/kubernetes') ?? [];
  return slices.flatMap((slice) =>
    slice.endpoints.flatMap(({ addresses }) =>
      addresses.flatMap((text): Landmark[] => {
        const ip = parseIp(text);
        if (ip === null) return [];
        const endpoint = snapshot.directory.owner(ip) ?? externalEndpoint(ip);
        const listening = slice.ports.map(({ protocol, port }) => [protocol, port] as const);
        return (listening.length === 0 ? [[TCP, 6443] as const] : listening).map((port) => ({
          name: 'apiServer' as const,
          endpoint,
          address: formatIp(ip),
          port,
        }));
      }),
    ),
  );
}
