import { field, list, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { Diagnostic, PolicyFact } from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { HBONE, namesPorts } from './hbone.js';

/** Inside the pod only: never seen by a CNI (IM-34). */
const SIDECAR_INBOUND = 15006;

/**
 * What a NetworkPolicy that is written without the mesh in mind misses. The mesh speaks HBONE to ambient workloads, so
 * an isolated one that does not open its port is closed to the mesh.
 */
export function portFacts(env: CompileEnv): readonly Diagnostic[] {
  const { ambient } = env;
  const seesHbone = !namesPorts(env.semantics);
  return env.policies
    .filter(({ meta }) => meta.kind === 'NetworkPolicy' && meta.group === 'networking.k8s.io')
    .flatMap((fact) => factsOf(fact, seesHbone && ambient.has(fact.meta.namespace)));
}

function factsOf(fact: PolicyFact, ambient: boolean): readonly Diagnostic[] {
  const problems = new ProblemList(fact.meta);
  const spec = field(fact.raw, 'spec');
  for (const direction of ['ingress', 'egress'] as const) {
    const rules = list(field(spec, direction));
    for (const [index, rule] of rules.entries()) {
      for (const [place, port] of list(field(rule, 'ports')).entries()) {
        if (field(port, 'port') !== SIDECAR_INBOUND) continue;
        const at = pointer('/spec', direction, index, 'ports', place, 'port');
        problems.suspect('istio.port_15006', at, 'port 15006 lies inside the pod: no policy of a CNI ever sees it');
      }
    }
    if (!ambient || rules.length === 0 || rules.some(opensHbone)) continue;
    const message = `members of an ambient mesh speak on port ${HBONE}, which no ${direction} rule opens`;
    problems.suspect('istio.port_15008', pointer('/spec', direction), message);
  }
  return problems.diagnostics;
}

function opensHbone(rule: Json): boolean {
  const ports = list(field(rule, 'ports'));
  if (ports.length === 0) return true;
  return ports.some((entry) => {
    if ((field(entry, 'protocol') ?? 'TCP') !== 'TCP') return false;
    const port = field(entry, 'port');
    if (port === undefined) return true;
    const end = field(entry, 'endPort') ?? port;
    return typeof port === 'number' && typeof end === 'number' && port <= HBONE && HBONE <= end;
  });
}
