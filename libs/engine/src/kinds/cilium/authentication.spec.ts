import { describe, expect, it } from '@jest/globals';
import { rawNetworkPolicy } from '../../testing/index.js';
import { ccnp, cnp, ON, port, WEB, World } from '../../testing/cilium-world.js';

type Fields = Readonly<Record<string, unknown>>;

const PODS = { fromEndpoints: [{}] };
const ANY = { fromEntities: ['all'] };
const as = (mode: string, rule: Fields = PODS): Fields => ({ ...rule, authentication: { mode } });
const on = (number: string, rule: Fields = PODS, more: object = {}): Fields => ({
  ...rule,
  toPorts: [port(number, more)],
});
const world = (...ingress: readonly unknown[]): World => new World([cnp({ endpointSelector: WEB, ingress })]);
const asked = (...ingress: readonly unknown[]): string => world(...ingress).ask('n/fe', 'n/web');

describe('authentication of Cilium', () => {
  it.each([
    ['the same', PODS],
    ['any peer', ANY],
    ['one port', on('8080')],
    ['one port of any peer', on('8080', ANY)],
  ])('CNP-80: a rule without a mode for %s does not lift it', (_, rule) => {
    expect(asked(as('required'), rule)).toBe('allow conditionally');
    expect(asked(rule, as('required', ANY))).toBe('allow conditionally');
    expect(asked(rule, as('test-always-fail'))).toBe('deny');
    expect(asked(rule, as('required', on('81')))).toBe('allow');
  });

  it('CNP-80: NetworkPolicy does not lift it either', () => {
    const demand = cnp({ endpointSelector: WEB, ingress: [as('required')] });
    const allow = rawNetworkPolicy('n/all', { podSelector: {}, ingress: [{}] });
    expect(new World([demand, allow]).ask('n/fe', 'n/web')).toBe('allow conditionally');
  });

  it('CNP-80: it asks where nothing isolates', () => {
    const rules = { ingress: [as('required')], enableDefaultDeny: { ingress: false } };
    const open = new World([cnp({ endpointSelector: WEB, ...rules })]);
    expect([open.ask('n/fe', 'n/web'), open.ask('m/fe', 'n/web')]).toEqual(['allow conditionally', 'allow']);
  });

  it('CNP-80: a rule that lifts what is asked of requests leaves the authentication', () => {
    const http = { ...PODS, toPorts: [{ ...(port('8080') as object), rules: { http: [{ path: '/a' }] } }] };
    const request = { l7: { protocol: 'http', path: '/b' } } as const;
    const both = world(as('required', http), on('8080'));
    expect(both.ask('n/fe', 'n/web', request)).toBe('allow conditionally');
    expect(world(as('required', http)).ask('n/fe', 'n/web', request)).toBe('deny');
  });

  it.each([
    ['a port before a protocol', on('8080'), on('0')],
    ['a protocol before all', on('0'), PODS],
    ['a port of any peer before a protocol of these', on('8080', ANY), on('0')],
    ['certain peers before any', on('8080'), on('8080', ANY)],
    ['a short range before a long one', on('8080', PODS, { endPort: 8081 }), on('8080', PODS, { endPort: 8095 })],
    ['what is aligned before what is not', on('8064', PODS, { endPort: 8095 }), on('8063', PODS, { endPort: 8128 })],
  ])('CNP-81: the narrower holds: %s', (_, narrow, wide) => {
    expect(asked(as('disabled', narrow), as('required', wide))).toBe('allow');
    expect(asked(as('required', narrow), as('disabled', wide))).toBe('allow conditionally');
    expect(asked(as('required', narrow), as('test-always-fail', wide))).toBe('allow conditionally');
    expect(asked(as('test-always-fail', narrow), as('disabled', wide))).toBe('deny');
  });

  it('CNP-81: of equal ones the strictest, and a deny before all', () => {
    const fe = { fromEndpoints: [{ matchLabels: { app: 'fe' } }] };
    expect(asked(as('disabled', fe), as('required'))).toBe('allow conditionally');
    expect(asked(as('test-always-fail', fe), as('required'))).toBe('deny');
    const denied = cnp({ endpointSelector: WEB, ingress: [as('disabled')], ingressDeny: [PODS] });
    expect(new World([denied]).ask('n/fe', 'n/web')).toBe('deny');
  });

  it('CNP-82: what is no pod never authenticates', () => {
    const all = world(as('required', ANY), ANY);
    expect(['n/fe', '8.8.8.8', 'node-2'].map((from) => all.ask(from, 'n/web'))).toEqual([
      'allow conditionally',
      'deny',
      'deny',
    ]);
    expect(['node-1', 'm/agent'].map((from) => all.ask(from, 'n/web'))).toEqual(['allow', 'allow']);
    const out = cnp({
      endpointSelector: {},
      egress: [{ toEntities: ['world'], authentication: { mode: 'required' } }],
    });
    expect(new World([out]).ask('n/fe', '8.8.8.8')).toBe('deny');
    const nodes = ccnp({ nodeSelector: {}, ingress: [as('required', ANY)] });
    expect(new World([nodes]).ask('n/fe', 'node-2')).toBe('deny');
  });

  it('CNP-82: with other clusters in the mesh an address outside may be a pod', () => {
    const policy = cnp({ endpointSelector: WEB, ingress: [as('required', ANY)] });
    expect(new World([policy], { ...ON, 'cluster-id': '1' }).ask('8.8.8.8', 'n/web')).toBe('unknown conditionally');
  });
});
