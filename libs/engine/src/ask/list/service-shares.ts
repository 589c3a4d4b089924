import { pushTo } from '../../base/index.js';
import { SCTP, TCP, UDP } from '../../model/index.js';
import type { Protocol, ServiceFact, Verdict } from '../../model/index.js';
import { mergeRanges } from '../../net/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Endpoint } from '../../compile/endpoint.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import { portAtoms } from '../../reach/connections-between.js';
import type { DestinationShare, PairJudge } from '../../reach/list/list-groups.js';
import type { RowVerdict } from '../../reach/rows/reach-rows.js';
import { verdictThrough } from '../replaced-client.js';
import { flowThrough, routeFamilies, routeThrough } from '../service-route.js';
import type { ServiceRoute } from '../service-route.js';
import { keepsToNode, servingNode, translateService } from '../translate-service.js';
import type { Backend } from '../translate-service.js';

/** How one port of a Service leads to an endpoint. */
interface Way {
  readonly protocol: Protocol;
  /** At the endpoint; null for any. */
  readonly port: number | null;
  readonly families: Backend['families'];
  readonly route: ServiceRoute;
}

/** The ways that are open to the clients of one node, or to all. */
interface Ways {
  readonly key: string;
  readonly ways: readonly Way[];
}

const NOWHERE: Ways = { key: '', ways: [] };

/**
 * The endpoints behind some ports of a Service, with what each has of it: judged as a single question about the Service
 * is, as rows speak of connections to the endpoints themselves.
 */
export function serviceShares(
  snapshot: CompiledSnapshot,
  service: ServiceFact,
  asked: { readonly protocol: Protocol | null; readonly reading: ReadingName; readonly verdict: RowVerdict },
  isAsked: (port: number) => boolean,
): ReadonlyMap<Endpoint, readonly DestinationShare[]> {
  const found = new Map<Endpoint, Map<string | null, Ways>>();
  const isKept = keepsToNode(service);
  for (const protocol of asked.protocol === null ? [TCP, UDP, SCTP] : [asked.protocol]) {
    for (const number of new Set(service.ports.map(({ port }) => port).filter(isAsked))) {
      const translated = translateService(snapshot, service, protocol, number);
      if (translated.type !== 'backends') continue;
      const route = routeThrough(service, protocol, number);
      for (const backend of translated.backends) {
        const byNode = found.get(backend.endpoint) ?? new Map<string | null, Ways>();
        const node = isKept ? servingNode(backend) : null;
        const { key, ways } = byNode.get(node) ?? NOWHERE;
        const { port, families } = backend;
        const way: Way = { protocol, port, families, route };
        const more = {
          key: `${key} ${protocol}/${number}/${port ?? ''}/${families?.join('') ?? ''}`,
          ways: [...ways, way],
        };
        found.set(backend.endpoint, byNode.set(node, more));
      }
    }
  }
  // Endpoints that are led to alike share a judge, so that lists may put them together.
  const judges = new Map<string, PairJudge>();
  const judgeOf = ({ key, ways }: Ways): PairJudge => {
    const judge = judges.get(key) ?? pairJudge(snapshot, ways, asked);
    judges.set(key, judge);
    return judge;
  };
  return new Map(
    [...found].map(([endpoint, byNode]) => [
      endpoint,
      [...byNode].map(([node, ways]) => ({ node, judge: judgeOf(ways) })),
    ]),
  );
}

function pairJudge(
  snapshot: CompiledSnapshot,
  ways: readonly Way[],
  { reading, verdict }: { readonly reading: ReadingName; readonly verdict: RowVerdict },
): PairJudge {
  return (from, to) => {
    const found = new Map<Protocol, [number, number][]>();
    for (const { protocol, port, families: own, route } of ways) {
      const families = routeFamilies(route, from, to, own);
      const pieces = port === null ? portAtoms([snapshot[reading]], from, to, protocol) : [[port, port] as const];
      for (const [low, high] of pieces) {
        const verdicts = families.map((family) => {
          const flow = { protocol, port: low, family, ...flowThrough(route, from, to, low, family) };
          return verdictThrough(route, snapshot, from, to, flow, reading);
        });
        if (isTold(verdicts, verdict)) pushTo(found, protocol, [low, high]);
      }
    }
    return new Map([...found].map(([protocol, ranges]) => [protocol, mergeRanges(ranges)]));
  };
}

/** Whether what each family is told makes a connection certain, or one that may be and may not. */
function isTold(verdicts: readonly Verdict[], wanted: RowVerdict): boolean {
  const isCertain = verdicts.length > 0 && verdicts.every((verdict) => verdict === 'allow');
  return wanted === 'allow' ? isCertain : !isCertain && verdicts.some((verdict) => verdict !== 'deny');
}
