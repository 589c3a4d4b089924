import { field, list, parseIp, path, text } from '#engine';
import type { Ip, JsonObject } from '#engine';

import type { AuditContext } from './audit-context.js';

/** A name outside the cluster with an address that it had. */
export interface KnownName {
  readonly name: string;
  readonly ip: Ip;
  readonly toldBy: string;
}

/** What flows that were seen and the registry of a mesh say of names outside; null when neither is there. */
export function knownNames({ settings, snapshot }: AuditContext): readonly KnownName[] | null {
  const entries = snapshot.index.aux.get('ServiceEntry.networking.istio.io') ?? [];
  if (settings.flows === null && entries.length === 0) return null;
  const seen = (settings.flows ?? []).flatMap(({ destination: { address, asked, hostNames } }) =>
    namesAt(hostNames, [address || asked], 'flows that were seen'),
  );
  const registered = entries.flatMap(({ raw, meta }) =>
    namesAt(texts(raw, 'hosts'), addressesOf(raw), `ServiceEntry ${meta.namespace}/${meta.name}`),
  );
  return [...new Map([...seen, ...registered].map((known) => [`${known.name} ${known.ip.value}`, known])).values()];
}

function addressesOf(raw: JsonObject): readonly string[] {
  const endpoints = list(path(raw, 'spec', 'endpoints')).map((endpoint) => text(field(endpoint, 'address')));
  return [...texts(raw, 'addresses'), ...endpoints];
}

function texts(raw: JsonObject, key: string): readonly string[] {
  return list(path(raw, 'spec', key)).map((item) => text(item));
}

/** A whole name, as rules by name take it everywhere: without stars, and not one that the cluster itself gives. */
const WHOLE = /^(?!.*\.(?:local|arpa)$)[a-z0-9](?:[-a-z0-9]*\.)+[a-z][-a-z0-9]*[a-z0-9]$/;

function namesAt(names: readonly string[], addresses: readonly string[], toldBy: string): readonly KnownName[] {
  const whole = names.map((name) => name.toLowerCase().replace(/\.$/, '')).filter((name) => WHOLE.test(name));
  return whole.flatMap((name) =>
    addresses.flatMap((address) => {
      const ip = parseIp(address);
      return ip === null ? [] : [{ name, ip, toldBy }];
    }),
  );
}
