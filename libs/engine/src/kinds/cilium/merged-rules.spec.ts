import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../../compile/compile-snapshot.js';
import { updateSnapshot } from '../../compile/update-snapshot.js';
import { evaluatePair } from '../../eval/evaluate-pair.js';
import type { Flow } from '../../eval/flow.js';
import { TCP } from '../../model/index.js';
import { factsOf, rawNamespace, rawPod } from '../../testing/facts.js';
import { ccnp, cnp, ON, port, WEB, World } from '../../testing/cilium-world.js';

type Fields = Readonly<Record<string, unknown>>;

const OUTSIDE = { toEntities: ['world'] };
const rule = (asks: Fields = {}, peers: Fields = OUTSIDE, more: Fields = {}): Fields => ({
  ...peers,
  toPorts: [{ ...(port('443') as object), ...asks }],
  ...more,
});
const PLAIN = rule();
const HTTP = rule({ rules: { http: [{ path: '/a' }] } });
const DNS = rule({ rules: { dns: [{ matchName: 'a.org' }] } });
const NAMES = rule({ serverNames: ['a.org'] });
const LISTENER = rule({ listener: { name: 'l', envoyConfig: { name: 'c' } } });
const as = (mode: string, peers: Fields = OUTSIDE): Fields => rule({}, peers, { authentication: { mode } });

const out = (rules: readonly unknown[], selector: Fields = {}, name = 'p'): unknown =>
  cnp({ endpointSelector: selector, egress: rules }, name);
const tls = (sni: string): Partial<Flow> => ({ port: 443, l7: { protocol: 'tls', fields: { sni } } });

describe('rules of one selector and port', () => {
  it.each([
    ['HTTP and DNS', HTTP, DNS],
    ['DNS and server names', DNS, NAMES],
    ['a listener and HTTP', LISTENER, HTTP],
    ['a listener and server names', LISTENER, NAMES],
    ['two listeners', LISTENER, rule({ listener: { name: 'other', envoyConfig: { name: 'c' } } })],
    ['two modes', as('required'), as('disabled')],
    ['server names and requests', NAMES, HTTP],
    ['the same peer in other words', as('required', {}), as('disabled', { toEntities: ['all'] })],
  ])('CNP-88: %s leave everything open that the endpoint does', (_, one, other) => {
    const verdicts = (world: World): string[] => [
      world.ask('n/fe', 'n/web'),
      world.ask('n/fe', '8.8.8.8', { port: 443, l7: { protocol: 'http', path: '/a' } }),
      world.ask('n/web', 'n/fe'),
    ];
    expect(verdicts(new World([out([one, other])]))).toEqual(['unknown', 'unknown', 'unknown']);
    expect(verdicts(new World([out([one]), out([other], {}, 'q')]))).toEqual(['unknown', 'unknown', 'unknown']);
    expect(verdicts(new World([out([one])])).slice(0, 1)).toEqual(['deny']);
  });

  it.each([
    ['rules without more to ask', PLAIN, HTTP],
    ['rules of one parser', HTTP, rule({ rules: { http: [{ path: '/b' }] } })],
    ['HTTP inside TLS that is ended', NAMES, rule({ terminatingTLS: {}, rules: { http: [{}] } })],
    ['another peer', HTTP, rule({ rules: { dns: [{ matchName: 'a.org' }] } }, { toEntities: ['cluster'] })],
    [
      'the same labels in another form',
      as('required', { toEndpoints: [{ matchLabels: { app: 'x' } }] }),
      as('disabled', { toEndpoints: [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['x'] }] }] }),
    ],
    ['another port', as('required'), { ...OUTSIDE, authentication: { mode: 'disabled' } }],
    [
      'listeners of which one goes first',
      LISTENER,
      rule({ listener: { name: 'o', priority: 1, envoyConfig: { name: 'c' } } }),
    ],
  ])('CNP-88: %s go together', (_, one, other) => {
    expect(new World([out([one, other])]).ask('n/fe', 'n/web')).toBe('deny');
  });

  it('CNP-88: only endpoints that both select are concerned, and it is told which rules these are', () => {
    const world = new World([
      out([as('required')], WEB),
      ccnp({ endpointSelector: { matchLabels: { app: 'fe' } }, egress: [as('disabled')] }),
      ccnp({ endpointSelector: {}, egress: [as('test-always-fail', { toEntities: ['cluster'] })] }, 'd'),
    ]);
    expect(['n/web', 'n/fe'].map((from) => world.ask(from, '8.8.8.8'))).toEqual(['deny', 'deny']);
    const both = new World([out([as('required')], WEB), ccnp({ endpointSelector: {}, egress: [as('disabled')] })]);
    expect(['n/web', 'n/fe'].map((from) => both.ask(from, '8.8.8.8'))).toEqual(['unknown', 'deny']);
    const asked: Flow = { protocol: TCP, port: 443, family: null };
    const told = evaluatePair(both.snapshot, both.endpoint('n/web'), both.endpoint('8.8.8.8'), asked, 'intended');
    expect(told.egress.steps.map(({ why }) => why).at(-1)).toBe(
      'the agent cannot work out the policy of the endpoint, as `/spec/egress/0` of CiliumNetworkPolicy `n/p` and `/spec/egress/0` of CiliumClusterwideNetworkPolicy `c` write two modes of authentication for the same peer and port',
    );
  });

  it('CNP-88: before 1.18 rules for requests of one port have to agree, whomever they are for', () => {
    const policy = out([HTTP, rule({ rules: { dns: [{ matchName: 'a.org' }] } }, { toEntities: ['cluster'] })]);
    const asked = (version: string): string => new World([policy], { ...ON, version }).ask('n/fe', 'n/web');
    expect(['1.17.6', '1.18.0'].map(asked)).toEqual(['unknown', 'deny']);
  });

  it('CNP-89: a server name is asked for beside a rule of the same selector and port that asks nothing', () => {
    const verdicts = (...rules: readonly unknown[]): string[] => {
      const world = new World([out([NAMES], {}, 'a'), ...rules.map((each, index) => out([each], {}, `b${index}`))]);
      return [tls('a.org'), tls('b.org'), { port: 443, l7: { protocol: 'http' } }].map((flow) =>
        world.ask('n/fe', '8.8.8.8', flow),
      );
    };
    expect(verdicts(PLAIN)).toEqual(['allow', 'deny', 'deny']);
    expect(verdicts(rule({ serverNames: ['b.org'] }))).toEqual(['allow', 'allow', 'deny']);
    expect(verdicts(PLAIN, OUTSIDE)).toEqual(['allow', 'allow', 'allow']);
    expect(verdicts(rule({}, { toCIDR: ['8.8.8.0/24'] }))).toEqual(['allow', 'allow', 'allow']);
    expect(verdicts(as('disabled'))).toEqual(['allow', 'deny', 'deny']);
  });

  it('CNP-89: the rule stands for its other ports and peers, and for endpoints that name no server', () => {
    const wide = { toEntities: ['world', 'cluster'], toPorts: [port('443'), port('80')] };
    const world = new World([out([NAMES], WEB), ccnp({ endpointSelector: {}, egress: [wide] })]);
    expect(world.ask('n/web', '8.8.8.8', tls('b.org'))).toBe('deny');
    expect(world.ask('n/web', '8.8.8.8', { port: 80 })).toBe('allow');
    expect(world.ask('n/web', 'n/fe', tls('b.org'))).toBe('allow');
    expect(world.ask('n/fe', '8.8.8.8', tls('b.org'))).toBe('allow');
  });

  it('CNP-89: one rule may name servers and say the same port again', () => {
    const toPorts = [{ ...(port('443') as object), serverNames: ['a.org'] }, port('443'), port('80')];
    const world = new World([out([{ ...OUTSIDE, toPorts }])]);
    const asked = [tls('a.org'), tls('b.org'), { port: 80 }].map((flow) => world.ask('n/fe', '8.8.8.8', flow));
    expect(asked).toEqual(['allow', 'deny', 'allow']);
  });

  it('CNP-88, CNP-89: they hold after a change as in a snapshot made anew', () => {
    const pods = [rawNamespace('n'), rawPod('n/fe', { ip: '10.0.1.1' }), rawPod('n/web', { ip: '10.0.1.2' })];
    const semantics = { combination: 'cilium', options: ON } as const;
    const facts = (...policies: readonly unknown[]) => factsOf(...pods, ...policies);
    let snapshot = compileSnapshot(facts(out([PLAIN], {}, 'a')), { semantics });
    const asked = (): string => {
      const [from, to] = ['fe', 'web'].map((name) => snapshot.directory.pod('n', name));
      const flow: Flow = { protocol: TCP, port: 443, family: null };
      return from && to ? evaluatePair(snapshot, from, to, flow, 'intended').verdict : '';
    };
    const set = (policy: unknown): string => {
      snapshot = updateSnapshot(snapshot, { upserts: facts(policy).filter(({ type }) => type === 'policy') });
      return asked();
    };
    expect(asked()).toBe('deny');
    expect(set(out([as('required')], {}, 'b'))).toBe('deny');
    expect(set(out([as('disabled')], {}, 'c'))).toBe('unknown');
    expect(set(out([as('required')], {}, 'c'))).toBe('deny');
  });

  it('CNP-88, CNP-89: they hold after a change of a policy that asks for nothing', () => {
    const pods = [rawNamespace('n'), rawPod('n/fe', { ip: '10.0.1.1' }), rawPod('n/web', { ip: '10.0.1.2' })];
    const inside = { toEntities: ['cluster'] };
    const verdict = (first: readonly unknown[], changed: unknown): string => {
      const options = { semantics: { combination: 'cilium', options: ON } } as const;
      const before = compileSnapshot(factsOf(...pods, ...first), options);
      const after = updateSnapshot(before, { upserts: factsOf(changed) });
      const [from, to] = ['fe', 'web'].map((name) => after.directory.pod('n', name));
      const flow: Flow = { protocol: TCP, family: null, port: 443, ...tls('b.org') };
      return from && to ? evaluatePair(after, from, to, flow, 'intended').verdict : '';
    };
    const plain = out([rule({}, inside)], {}, 'plain');
    const naming = out([rule({ serverNames: ['a.org'] }, inside)], {}, 'naming');
    const conflict = ['required', 'disabled'].map((mode) => out([as(mode, inside)], {}, mode));
    expect(verdict([out([PLAIN], {}, 'plain')], plain)).toBe('allow');
    expect(verdict([out([PLAIN], {}, 'plain'), naming], plain)).toBe('deny');
    expect(verdict([plain, naming], out([PLAIN], {}, 'naming'))).toBe('allow');
    expect(verdict([out([PLAIN], {}, 'plain'), ...conflict], plain)).toBe('unknown');
  });
});
