import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../compile/index.js';
import type { CompiledSnapshot, Endpoint } from '../compile/index.js';
import { equalConnections, formatConnections } from '../reach/connection-set.js';
import { connectionsBetween } from '../reach/connections-between.js';
import { factsOf, rawCalico, rawNamespace, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { describeValueChange, objectDrift } from './object-drift.js';
import { reachabilityDrift } from './reachability-drift.js';
import type { ConnectionDrift, DriftEntry } from './reachability-drift.js';

const NAMES = ['web', 'api', 'db'];
const pod = (app: string, ip: string, name = app): unknown =>
  rawPod(`shop/${name}`, { labels: { app }, ip, node: 'n1' });
const agent = rawPod('shop/agent', { labels: { app: 'agent' }, ip: '172.18.0.1', node: 'n1', hostNetwork: true });
const BASE: readonly unknown[] = [
  rawNamespace('shop'),
  ...NAMES.map((name, index) => pod(name, `10.0.0.${index + 1}`)),
  agent,
];
const ingress = (app: string, rules: readonly unknown[], name = `${app}-in`): unknown =>
  rawNetworkPolicy(`shop/${name}`, {
    podSelector: { matchLabels: { app } },
    policyTypes: ['Ingress'],
    ingress: rules,
  });
const from = (app: string, ...ports: readonly number[]): unknown => ({
  from: [{ podSelector: { matchLabels: { app } } }],
  ports: ports.map((port) => ({ port })),
});

const state = (...raws: readonly unknown[]): CompiledSnapshot => compileSnapshot(factsOf(...BASE, ...raws));
const drift = (before: CompiledSnapshot, after: CompiledSnapshot): readonly DriftEntry[] =>
  reachabilityDrift(before, after, { reading: 'intended' });
const isConnection = (entry: DriftEntry): entry is ConnectionDrift => 'sources' in entry;
const names = (endpoints: readonly Endpoint[]): string => endpoints.map(({ name }) => name).join();
const lines = (entries: readonly DriftEntry[]): string[] =>
  entries
    .filter(isConnection)
    .map(
      (e) =>
        `${e.type} ${names(e.sources)} > ${names(e.destinations)}: ${formatConnections(e.before)} → ${formatConnections(e.after)}`,
    );

/** Every pair of pods that differs, by asking about each. */
function slowly(before: CompiledSnapshot, after: CompiledSnapshot): Set<string> {
  const out = new Set<string>();
  for (const a of before.endpoints) {
    for (const b of before.endpoints) {
      const [x, y] = [a, b].map((e) => after.directory.pod(e.namespace, e.name)) as [Endpoint, Endpoint];
      const was = connectionsBetween(before, a, b, 'intended').allowed;
      if (a !== b && !equalConnections(was, connectionsBetween(after, x, y, 'intended').allowed)) {
        out.add(`${a.name}>${b.name}`);
      }
    }
  }
  return out;
}

function quickly(entries: readonly DriftEntry[]): Set<string> {
  const inside = ({ kind }: Endpoint): boolean => kind !== 'external';
  return new Set(
    entries
      .filter(isConnection)
      .flatMap(({ sources, destinations }) =>
        sources
          .filter(inside)
          .flatMap((a) => destinations.filter((b) => inside(b) && b !== a).map((b) => `${a.name}>${b.name}`)),
      ),
  );
}

describe('reachabilityDrift', () => {
  it('finds nothing between equal states, and where a policy says the same in other words', () => {
    const before = state(ingress('db', [from('api', 80, 443), from('web', 80)]));
    expect(drift(before, before)).toEqual([]);
    const after = state(
      ingress('db', [from('web', 80), from('api', 443)], 'db-one'),
      ingress('db', [from('api', 80)], 'db-two'),
    );
    expect(drift(before, after)).toEqual([]);
  });

  it('names what was widened, with the rules of both sides', () => {
    const before = state(ingress('db', [from('api', 80)]));
    const after = state(ingress('db', [from('api', 80, 443)]));
    const entries = drift(before, after);
    expect(lines(entries)).toEqual(['widened api > db: TCP 80 → TCP 80, 443']);
    const [entry] = entries.filter(isConnection);
    expect(entry?.pairs).toBe(1);
    expect(entry?.cause.before).toMatchObject({ verdict: 'deny', rules: [{ policy: { name: 'db-in' } }] });
    expect(entry?.cause.after).toMatchObject({
      verdict: 'allow',
      rules: [{ policy: { name: 'db-in' }, pointer: '/spec/ingress/0' }],
    });
    expect(lines(drift(after, before))).toEqual(['narrowed api > db: TCP 80, 443 → TCP 80']);
  });

  it('says opened, closed and changed', () => {
    const shut = state(ingress('db', []));
    const one = state(ingress('db', [from('api', 80)]));
    const other = state(ingress('db', [from('api', 81)]));
    expect(lines(drift(shut, one))).toEqual(['opened api > db: none → TCP 80']);
    expect(lines(drift(one, shut))).toEqual(['closed api > db: TCP 80 → none']);
    expect(lines(drift(one, other))).toEqual(['changed api > db: TCP 80 → TCP 81']);
  });

  it('tells isolation that is gained and lost, with its policy', () => {
    const shut = state(ingress('db', []));
    expect(drift(state(), shut).filter((entry) => entry.type === 'isolation.gained')).toMatchObject([
      { direction: 'ingress', endpoints: [{ name: 'db' }], policies: [{ name: 'db-in' }] },
    ]);
    expect(drift(shut, state()).map(({ type }) => type)).toContain('isolation.lost');
  });

  it.each([
    ['isolated', [], [ingress('db', [])]],
    ['another peer', [ingress('db', [from('api', 80)])], [ingress('db', [from('web', 80)])]],
    ['another subject', [ingress('db', [from('api', 80)])], [ingress('api', [from('db', 80)], 'db-in')]],
    ['two at once', [ingress('web', [])], [ingress('api', []), ingress('db', [from('web', 1)])]],
  ])('agrees with asking pair by pair: %s', (_, was, is) => {
    const [before, after] = [state(...was), state(...is)];
    const slow = slowly(before, after);
    expect(slow.size).toBeGreaterThan(0);
    expect(quickly(drift(before, after))).toEqual(slow);
  });

  it('agrees with asking pair by pair where a block that is left out holds one of two addresses of a pod', () => {
    const dual = (app: string, last: number): unknown =>
      rawPod(`two/${app}`, { labels: { app }, ips: [`10.0.1.${last}`, `fd01::${last}`], node: 'n1' });
    const set = rawCalico('GlobalNetworkSet', 'left', { nets: ['10.0.0.0/8'] }, { left: 'out' });
    const policy = (...ports: readonly number[]): unknown => {
      const source = { notSelector: "left == 'out'" };
      const ingress = [{ action: 'Allow', protocol: 'TCP', source, destination: { ports } }];
      return rawCalico('GlobalNetworkPolicy', 'db', { selector: "app == 'db'", types: ['Ingress'], ingress });
    };
    const world = (...ports: readonly number[]): CompiledSnapshot =>
      compileSnapshot(factsOf(rawNamespace('two'), dual('db', 1), dual('web', 2), set, policy(...ports)));
    const [before, after] = [world(80), world(80, 443)];
    expect([...slowly(before, after)]).toEqual(['web>db']);
    expect([...quickly(drift(before, after))]).toEqual(['web>db']);
  });

  it('counts only pairs that really differ: a host on the node of the pod is exempt', () => {
    const [entry] = drift(state(), state(ingress('db', []))).filter(
      (each) => isConnection(each) && each.sources.some(({ name }) => name === 'web'),
    );
    expect(entry).toMatchObject({ type: 'closed' });
    expect(names((entry as ConnectionDrift).sources)).not.toContain('agent');
  });

  it('does not read pods that come or go as holes, nor a replaced pod as another', () => {
    const one = state(ingress('db', [from('api', 80)]));
    const more = state(ingress('db', [from('api', 80)]), pod('api', '10.0.0.9', 'api-2'));
    expect(drift(one, more)).toMatchObject([{ type: 'endpoint.added', endpoint: { name: 'api-2' } }]);
    expect(drift(more, one)).toMatchObject([{ type: 'endpoint.removed', endpoint: { name: 'api-2' } }]);
  });

  it('tells a label that opens a way', () => {
    const policy = ingress('db', [from('api', 80)]);
    const before = compileSnapshot(factsOf(...BASE, policy));
    const after = compileSnapshot(
      factsOf(...BASE.filter((raw) => raw !== BASE[1]), pod('api', '10.0.0.1', 'web'), policy),
    );
    expect(lines(drift(before, after))).toEqual(['opened web > db: none → TCP 80']);
  });

  it('tells another engine', () => {
    const facts = factsOf(...BASE);
    const cni = compileSnapshot(facts).cni;
    const after = compileSnapshot(facts, { cni: { ...cni, version: '9.9.9' } });
    expect(drift(compileSnapshot(facts), after)).toMatchObject([
      { type: 'enforcement.changed', after: { version: '9.9.9' } },
    ]);
  });
});

describe('objectDrift', () => {
  it('lists what came, went and changed, with pointers', () => {
    const before = factsOf(...BASE, ingress('db', [from('api', 80)]), ingress('web', []));
    const after = factsOf(...BASE, ingress('db', [from('api', 81)]), ingress('api', []));
    const changes = objectDrift(before, after);
    expect(changes.map(({ type, object }) => `${type} ${object.name}`)).toEqual([
      'added api-in',
      'changed db-in',
      'removed web-in',
    ]);
    expect(changes[1]?.values.map(describeValueChange)).toEqual(['/raw/spec/ingress/0/ports/0/port: 80 → 81']);
  });

  it('finds nothing in equal facts', () => {
    expect(objectDrift(factsOf(...BASE), factsOf(...BASE))).toEqual([]);
  });
});
