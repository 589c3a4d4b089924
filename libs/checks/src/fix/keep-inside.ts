import { field, isWithin, list, objectKey, objectLabel, parseCidr, text } from '#engine';
import type { Endpoint, IpRange, Json, JsonObject } from '#engine';

import { publicParts } from '../context/address-space.js';
import { ACCEPTED } from '../context/audit-settings.js';
import type { AuditContext } from '../context/audit-context.js';
import type { PolicyView, RuleView } from '../context/policy-view.js';
import type { Fix } from './fix.js';
import { applyObjects, operatorTask, policyWith, specOfRules } from './make-fix.js';

/** What organisations use inside, of the addresses that are not on the internet. */
const PRIVATE = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];

/** The NetworkPolicies of a pod without the internet; a task where rules of another kind let it out. */
export function keepInside(context: AuditContext, pod: Endpoint): Fix {
  const sources = new Map(context.rulesFor(pod, 'egress').map(({ source: { policy } }) => [objectKey(policy), policy]));
  const others: string[] = [];
  const changed: { readonly name: string; readonly object: JsonObject }[] = [];
  for (const ref of sources.values()) {
    const view = ref.group === 'networking.k8s.io' ? context.networkPolicy(ref) : undefined;
    if (view === undefined) others.push(objectLabel(ref));
    else if (view.rules.some(leadsOut)) changed.push({ name: objectLabel(ref), object: withoutInternet(view) });
  }
  const note = `name what is needed outside, or say in the annotation ${ACCEPTED.internetEgress} why all of it is`;
  return changed.length === 0
    ? operatorTask(`keep what ${others.join(', ')} allows inside`, note)
    : applyObjects(
        `keep what ${changed.map(({ name }) => name).join(', ')} allows inside`,
        changed.map(({ object }) => object),
        note,
      );
}

function withoutInternet(view: PolicyView): JsonObject {
  return policyWith(view, specOfRules(view, insideOf));
}

function leadsOut({ direction, peers }: RuleView): boolean {
  return direction === 'egress' && (peers.length === 0 || peers.some((peer) => isPublic(peer)));
}

/** An egress rule for everywhere becomes one for every pod; one of which nothing is left goes. */
function insideOf({ direction, raw, peers }: RuleView): Json | undefined {
  if (direction === 'ingress') return raw;
  const inside = peers.length === 0 ? [{ namespaceSelector: {} }] : peers.flatMap(insidePeers);
  return inside.length === 0 ? undefined : { ...(raw as JsonObject), to: inside };
}

function insidePeers(peer: Json): readonly Json[] {
  if (!isPublic(peer)) return [peer];
  const block = field(peer, 'ipBlock');
  const around = parseCidr(text(field(block, 'cidr')));
  const except = list(field(block, 'except')).map(text);
  return PRIVATE.flatMap((cidr) => {
    const range = parseCidr(cidr);
    if (range === null || around === null || !isWithin(range, around)) return [];
    if (except.some((each) => isInside(range, each))) return [];
    const own = except.filter((each) => isInside(parseCidr(each), cidr));
    return [{ ipBlock: own.length === 0 ? { cidr } : { cidr, except: own } }];
  });
}

function isInside(range: IpRange | null, cidr: string): boolean {
  const around = parseCidr(cidr);
  return range !== null && around !== null && isWithin(range, around);
}

function isPublic(peer: Json): boolean {
  const block = parseCidr(text(field(field(peer, 'ipBlock'), 'cidr')));
  return block !== null && publicParts(block).length > 0;
}
