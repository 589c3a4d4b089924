import { field, list, text } from '../../base/index.js';
import { NONE, or } from '../../model/index.js';
import type { AuxFact, Labels, Selector } from '../../model/index.js';
import { canonicalIp } from '../../net/index.js';
import type { CompileEnv } from '../frontend.js';
import { holdsFor } from '../shared/index.js';
import type { RawWorkloads } from './antrea.raw.js';

const EXTERNAL_ENTITY = 'ExternalEntity.crd.antrea.io';

/** Addresses of the ExternalEntities that the selectors choose; `namespace` is that of a namespaced policy, else ''. */
export function externalEntities(selectors: RawWorkloads, namespace: string, env: CompileEnv): Selector {
  const wanted = selectors.externalEntities;
  if (wanted === null) return NONE;
  const chosen = env.aux(EXTERNAL_ENTITY).filter((fact) => {
    if (!holdsFor(wanted, fact.meta.labels)) return false;
    if (selectors.namespaces !== null) return holdsFor(selectors.namespaces, namespaceLabels(fact, env));
    return namespace === '' || fact.meta.namespace === namespace;
  });
  return or(...chosen.flatMap(addresses));
}

function namespaceLabels(fact: AuxFact, env: CompileEnv): Labels {
  return env.namespaces.get(fact.meta.namespace)?.meta.labels ?? {};
}

function addresses(fact: AuxFact): Selector[] {
  return list(field(field(fact.raw, 'spec'), 'endpoints')).flatMap((endpoint) => {
    const ip = canonicalIp(text(field(endpoint, 'ip')));
    return ip === null ? [] : [{ type: 'cidr', cidr: `${ip}/${ip.includes(':') ? 128 : 32}`, except: [] }];
  });
}
