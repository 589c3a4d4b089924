import { counted, hasClass, objectLabel, protocolName, rowTable, TCP } from '#engine';
import type { Endpoint, JsonObject, Protocol } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { PODS_AND_NETWORK_POLICIES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { toYaml } from '../fix/to-yaml.js';
import { conclude } from '../model/finding.js';

/** A first file is to be read by people. */
const MOST_ASSERTIONS = 40;
/** Whoever is not certainly let in is mostly denied: where that cannot be told of some, it is not of others. */
const MOST_TRIES = 20;

/** HYG-09. */
export const check = defineCheck({
  id: 'no-policy-tests',
  number: 'HYG-09',
  area: 'hygiene',
  core: false,
  title: 'nobody wrote down what policies are expected to allow and to deny',
  description:
    'Asks whether the cluster has a file of assertions, which are tried after every snapshot and in pipelines. Where it has policies and no such file, makes a first one of what the engine decides today: what rules name that is allowed, and data stores that workloads of other namespaces are denied.',
  remediation: 'Take the file over, correct what it says of today by what is wanted, and run it in the pipeline.',
  severity: 'info',
  confidence: 'certain',
  scope: 'cluster',
  reads: 'compiled',
  needs: PODS_AND_NETWORK_POLICIES,
  settings: ['hasAssertions'],
  compliance: ['PCI-11.4.5', 'CM-3'],
  references: ['https://csrc.nist.gov/projects/cprt/catalog#/cprt/framework/version/SP_800_53_5_1_1/home'],
  run(context) {
    const { hasAssertions } = context.settings;
    const examined = context.networkPolicies.length;
    if (examined === 0) return { outcome: 'not-applicable', reason: 'there is no NetworkPolicy' };
    if (hasAssertions === null)
      return { outcome: 'skip', reason: 'assertions are kept on a server: see `atlas assertions`' };
    if (hasAssertions) return { outcome: 'pass' };
    const flows = [...allowedByRules(context), ...deniedStores(context)];
    const assertions = [...new Map(flows.map((flow) => [nameOf(flow), assertionOf(flow)])).values()];
    const [first] = flows;
    const finding = {
      title: `no assertions are kept for ${counted(examined, 'NetworkPolicy', 'NetworkPolicies')}`,
      scope: 'cluster',
      object: null,
      evidence: [{ what: 'assertions that the fix has', value: String(assertions.length) }],
      counterexample: first === undefined ? null : context.flow(first.from, first.to, first.protocol, first.port),
      fix: operatorTask(
        'keep assertions',
        'it says what holds today, wanted or not: read it before it is kept',
        assertions.length === 0 ? '' : toYaml([{ assertions }]),
      ),
    } as const;
    return conclude({ examined, findings: [finding], nothing: '' });
  },
});

interface Expected {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly protocol: Protocol;
  readonly port: number;
  readonly expect: 'allowed' | 'denied';
}

/** One connection of each rule that names pods, where it works today. */
function allowedByRules(context: AuditContext): readonly Expected[] {
  const found: Expected[] = [];
  for (const { direction, policy, selectors } of context.networkPolicies.flatMap(({ rules }) => rules)) {
    if (found.length >= MOST_ASSERTIONS / 2) break;
    const [peer] = context.choices.byAny(selectors);
    const subject = policy.selected.find((pod) => pod !== peer);
    if (peer === undefined || subject === undefined) continue;
    const [from, to] = direction === 'ingress' ? [peer, subject] : [subject, peer];
    const served = to.ports.find(
      ({ protocol, port, init }) => !init && context.verdict(from, to, protocol, port) === 'allow',
    );
    if (served !== undefined) found.push({ from, to, protocol: served.protocol, port: served.port, expect: 'allowed' });
  }
  return found;
}

/** Data stores with a workload of another namespace that is denied. */
function deniedStores(context: AuditContext): readonly Expected[] {
  const stores = context.workloads.flatMap(({ endpoints: [to] }) => {
    const served = to?.ports.find(
      ({ protocol, port }) => protocol === TCP && context.settings.sensitivePorts.has(port),
    );
    return to === undefined || served === undefined ? [] : [{ to, port: served.port }];
  });
  const found = new Map<Store, Endpoint>();
  const tries = new Map<Store, number>();
  for (const [store, from] of refusedByRows(context, stores)) {
    const tried = tries.get(store) ?? 0;
    if (found.has(store) || tried === MOST_TRIES) continue;
    tries.set(store, tried + 1);
    if (context.verdict(from, store.to, TCP, store.port) !== 'deny') continue;
    found.set(store, from);
    if (found.size >= MOST_ASSERTIONS / 2) break;
  }
  return [...found].map(([{ to, port }, from]) => ({ from, to, protocol: TCP, port, expect: 'denied' }));
}

interface Store {
  readonly to: Endpoint;
  readonly port: number;
}

/** Stores with workloads of other namespaces that are not certainly let in: no pair is asked about to find them. */
function* refusedByRows(context: AuditContext, stores: readonly Store[]): Generator<readonly [Store, Endpoint]> {
  if (stores.length === 0) return;
  const table = rowTable(context.snapshot, 'intended');
  const classOf = new Map(table.endpoints.map((endpoint, at) => [endpoint, table.classOf[at] as number]));
  const wanted = stores.map((store) => ({
    store,
    id: classOf.get(store.to) as number,
    ports: table.ports.findIndex(({ pieces }) =>
      pieces.some(([protocol, from, to]) => protocol === TCP && from <= store.port && store.port <= to),
    ),
  }));
  const byClass = new Map(
    context.workloads.flatMap(({ endpoints: [from] }) =>
      from === undefined ? [] : [[classOf.get(from), from] as const],
    ),
  );
  for (const step of table.sources({})) {
    const from = byClass.get(step?.source);
    if (step === null || from === undefined) continue;
    for (const { store, id, ports } of wanted) {
      if (store.to.namespace !== from.namespace && !hasClass(step.rows[ports], id)) yield [store, from];
    }
  }
}

function nameOf({ from, to, protocol, port, expect }: Expected): string {
  const [source, destination] = [objectLabel(workloadRef(from)), objectLabel(workloadRef(to))];
  return `${source} ${expect === 'allowed' ? 'reaches' : 'does not reach'} ${destination} on ${protocolName(protocol)} ${port}`;
}

function assertionOf(flow: Expected): JsonObject {
  const [from, to] = [flow.from, flow.to].map((pod) => objectLabel(workloadRef(pod))) as [string, string];
  const protocol = flow.protocol === TCP ? {} : { protocol: protocolName(flow.protocol) };
  return { name: nameOf(flow), from, to, port: flow.port, ...protocol, expect: flow.expect, reading: 'intended' };
}
