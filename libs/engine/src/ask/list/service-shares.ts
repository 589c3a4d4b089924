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
import { areasOn, servingArea } from '../backend.js';
import type { Area, Backend } from '../backend.js';
import { nodeNames } from '../local-redirect.js';
import { openness } from '../open-service.js';
import { translateService } from '../translate-service.js';

/** How a Service leads to its endpoints, for lists. */
export interface ServiceShares {
  /** The endpoints behind the ports asked about, with what each has of them and for whom. */
  readonly endpoints: ReadonlyMap<Endpoint, readonly DestinationShare[]>;
  /** Where clients are, for whom it depends on that. */
  readonly areaOf?: (client: Endpoint) => Area;
}

/** How one port of a Service leads to an endpoint. */
interface Way {
  readonly protocol: Protocol;
  /** At the endpoint; null for any. */
  readonly port: number | null;
  readonly families: Backend['families'];
  readonly areas: Backend['areas'];
  readonly route: ServiceRoute;
  /** Its clients may be led elsewhere, so no connection is certain. */
  readonly isOpen: boolean;
  /** What tells it from others. */
  readonly key: string;
}

/**
 * The endpoints behind some ports of a Service, with what each has of it: judged as a single question about the Service
 * is, as rows speak of connections to the endpoints themselves.
 */
export function serviceShares(
  snapshot: CompiledSnapshot,
  service: ServiceFact,
  asked: { readonly protocol: Protocol | null; readonly reading: ReadingName; readonly verdict: RowVerdict },
  isAsked: (port: number) => boolean,
): ServiceShares {
  const found = new Map<Endpoint, Way[]>();
  const places: ((client: Endpoint) => Area)[] = [];
  for (const protocol of asked.protocol === null ? [TCP, UDP, SCTP] : [asked.protocol]) {
    for (const number of new Set(service.ports.map(({ port }) => port).filter(isAsked))) {
      const translated = translateService(snapshot, service, protocol, number);
      if (translated.type !== 'backends') continue;
      if (translated.areaOf !== undefined) places.push(translated.areaOf);
      const route = routeThrough(service, protocol, number);
      const isOpen = openness(snapshot, service, protocol, number, translated) !== null;
      for (const { endpoint, port, families, areas } of translated.backends) {
        const key = `${protocol}/${number}/${port ?? ''}/${families?.join('') ?? ''}`;
        pushTo(found, endpoint, { protocol, port, families, areas, route, isOpen, key });
      }
    }
  }
  // Endpoints that are led to alike share a judge, so that lists may put them together.
  const judges = new Map<string, PairJudge>();
  const judgeOf = (ways: readonly Way[]): PairJudge => {
    const key = ways.map((way) => way.key).join(' ');
    const judge = judges.get(key) ?? pairJudge(snapshot, ways, asked);
    judges.set(key, judge);
    return judge;
  };
  const sharesOf = (ways: readonly Way[]): readonly DestinationShare[] =>
    areasOfWays(snapshot, ways).flatMap((area) => {
      const open = servingArea(ways, area ?? '');
      return open.length === 0 ? [] : [{ area, judge: judgeOf(open) }];
    });
  const endpoints = new Map([...found].map(([endpoint, ways]) => [endpoint, sharesOf(ways)]));
  return places.length === 0 ? { endpoints } : { endpoints, areaOf: oneOf(places) };
}

/** Whose clients ways tell apart: null for nobody's, '' stands for those of no known node. */
function areasOfWays(snapshot: CompiledSnapshot, ways: readonly Way[]): readonly (Area | null)[] {
  const limited = ways.flatMap(({ areas }) => (areas === undefined ? [] : [areas]));
  if (limited.length === 0) return [null];
  const all =
    limited.length < ways.length ? [...nodeNames(snapshot)].flatMap(areasOn) : limited.flatMap((some) => [...some]);
  return [...new Set(['', ...all])];
}

/** Whoever is spared at one port may not be at another: then the first port that tells it apart counts for all. */
function oneOf(places: readonly ((client: Endpoint) => Area)[]): (client: Endpoint) => Area {
  return (client) => places.map((areaOf) => areaOf(client)).find((area) => area !== client.node) ?? client.node;
}

function pairJudge(
  snapshot: CompiledSnapshot,
  ways: readonly Way[],
  { reading, verdict }: { readonly reading: ReadingName; readonly verdict: RowVerdict },
): PairJudge {
  return (from, to) => {
    const found = new Map<Protocol, [number, number][]>();
    for (const { protocol, port, families: own, route, isOpen } of ways) {
      const families = routeFamilies(route, from, to, own);
      const pieces = port === null ? portAtoms([snapshot[reading]], from, to, protocol) : [[port, port] as const];
      for (const [low, high] of pieces) {
        const verdicts = families.map((family) => {
          const flow = { protocol, port: low, family, ...flowThrough(route, from, to, low, family) };
          const found = verdictThrough(route, snapshot, from, to, flow, reading);
          return isOpen && found === 'allow' ? 'unknown' : found;
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
