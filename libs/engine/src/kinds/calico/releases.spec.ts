import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../../compile/index.js';
import { CALICO_CNI, factsOf } from '../../testing/index.js';
import { cluster, verdict } from '../../testing/calico-world.js';

const [API, STORED] = ['projectcalico.org/v3', 'crd.projectcalico.org/v1'];

/** What a policy for `shop/db` makes of TCP and of an echo request, and what is told. */
function asked(apiVersion: string, version: string, rule: object, name = 'p', tier = 'default'): readonly string[] {
  const policy = {
    apiVersion,
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'shop' },
    spec: { tier, selector: "app == 'db'", types: ['Ingress'], ingress: [{ action: 'Allow', ...rule }] },
  };
  const platform = { apiVersion: API, kind: 'Tier', metadata: { name: 'platform' }, spec: { order: 5 } };
  const snapshot = compileSnapshot(factsOf(...cluster, platform, policy), { cni: { ...CALICO_CNI, version } });
  return [
    verdict(snapshot, 'shop/web', 'shop/db', 'TCP/8080'),
    verdict(snapshot, 'shop/web', 'shop/db', 'ICMP', { icmp: { type: 8, code: 0 } }),
    ...snapshot.diagnostics.map((one) => `${one.class} ${one.code}`),
  ];
}

describe('protocols by number', () => {
  const echo = { protocol: 1, icmp: { type: 8 } };
  const get = { protocol: 6, http: { methods: ['GET'] } };
  const [ERROR, SUSPECT] = ['error calico.protocol_number', 'suspect calico.protocol_number'];

  it.each([
    ['CAL-32', API, '3.31.2', echo, ['allow', 'allow', ERROR]],
    ['CAL-32', API, '', echo, ['deny', 'allow', SUSPECT]],
    ['CAL-32', API, '3.32.0', echo, ['deny', 'allow']],
    ['CAL-32', STORED, '3.31.2', echo, ['deny', 'allow']],
    ['CAL-32', API, '3.31.2', { protocol: 'icmp', icmp: { type: 8 } }, ['deny', 'allow']],
    ['CAL-32', API, '3.31.2', { protocol: 1, notICMP: { type: 8 } }, ['deny', 'deny']],
    ['CAL-38', API, '3.31.2', get, ['allow', 'allow', ERROR]],
    ['CAL-38', API, '3.32.0', get, ['conditional', 'deny']],
  ])('%s of %s in %s: %j', (_statement, apiVersion, version, rule, expected) => {
    expect(asked(apiVersion, version, rule)).toEqual(expected);
  });
});

describe('CAL-76 types of ICMP beside other protocols', () => {
  const SUSPECT = 'suspect calico.icmp_protocol';

  it.each([
    [API, { notICMP: { type: 8 } }, ['unknown', 'unknown', SUSPECT]],
    [API, { protocol: 'TCP', notICMP: { type: 8 } }, ['unknown', 'deny', SUSPECT]],
    [API, { icmp: { type: 8 } }, ['allow', 'allow', 'error calico.icmp_protocol']],
    [STORED, { icmp: { type: 8 } }, ['unknown', 'unknown', SUSPECT]],
    [STORED, { icmp: {} }, ['allow', 'allow']],
    // Without a type nothing is asked.
    [API, { notICMP: {} }, ['allow', 'allow']],
    [API, { protocol: 'ICMP', notICMP: {} }, ['deny', 'allow']],
    [API, { protocol: 'ICMP', icmp: {} }, ['deny', 'allow']],
  ])('of %s: %j', (apiVersion, rule, expected) => {
    expect(asked(apiVersion, '3.31.2', rule)).toEqual(expected);
  });
});

describe('CAL-77 names of policies', () => {
  const REFUSED = ['allow', 'allow', 'error calico.name'];
  const TAKEN = ['deny', 'deny'];

  it.each([
    [API, '3.31.2', 'a.b', 'default', REFUSED],
    [API, '3.31.2', 'default.a', 'default', TAKEN],
    [API, '3.31.2', 'default.a.b', 'default', REFUSED],
    [API, '3.31.2', 'knp.default.a.b', 'default', TAKEN],
    [API, '3.31.2', 'a', 'platform', REFUSED],
    [API, '3.31.2', 'platform.a', 'platform', TAKEN],
    [API, '3.31.2', 'platform.a.b', 'platform', REFUSED],
    [API, '3.32.0', 'a', 'platform', TAKEN],
    [API, '3.32.0', 'a.b.c', 'default', TAKEN],
    [API, '', 'a', 'platform', TAKEN],
    [STORED, '3.31.2', 'default.a.b', 'default', TAKEN],
  ])('%s in %s: `%s` in tier %s', (apiVersion, version, name, tier, expected) => {
    expect(asked(apiVersion, version, { protocol: 'UDP' }, name, tier)).toEqual(expected);
  });
});
