import { describe, expect, it } from '@jest/globals';
import type { CniDetection, PolicyFact } from '../model/index.js';
import { knownCni } from '../testing/index.js';
import { CNI_IDS } from './cni-id.js';
import { CONSTRUCTS, isIn } from './construct.js';
import { lackingFields } from './lacking.js';
import { KIND_GROUPS } from './profile.js';
import { CNI_PROFILES } from './profiles/index.js';
import { policy } from './testing/sketches.js';

function detected(engine: string, version: string, options: Readonly<Record<string, string>> = {}): CniDetection {
  return knownCni(engine, { title: `${engine} ${version}`, version, options });
}

const withSpec = (group: string, kind: string, spec: object): PolicyFact => {
  return { ...policy(group, kind, 'p'), raw: { spec: spec as never } };
};
const knp = (spec: object): PolicyFact => withSpec('networking.k8s.io', 'NetworkPolicy', spec);
const cnp = (spec: object): PolicyFact => withSpec('cilium.io', 'CiliumNetworkPolicy', spec);

/** Each field as `pointer effect: what it takes`. */
function told(cni: CniDetection, ...policies: readonly PolicyFact[]): readonly string[] {
  return lackingFields(cni, policies).map(({ pointer, deviation, needs }) => `${pointer} ${deviation}: ${needs}`);
}

describe('lackingFields', () => {
  it('names field, effect and the version that has it', () => {
    const range = knp({ ingress: [{ ports: [{ port: 80 }, { port: 80, endPort: 90 }, { port: 80, endPort: 80 }] }] });
    const at = '/spec/ingress/0/ports/1/endPort';
    expect(told(detected('cilium', '1.13.2'), range)).toEqual([`${at} ignored: Cilium 1.16`]);
    expect(told(detected('cilium', '1.14.4'), range)).toEqual([`${at} rejected: Cilium 1.16`]);
    expect(told(detected('cilium', '1.16.0'), range)).toEqual([]);
    expect(told(detected('calico', '3.30.0'), range)).toEqual([]);
    expect(told(detected('weave', '2.8.1'), range)).toEqual([`${at} ignored: `]);
  });

  it('names the setting that is off', () => {
    const sctp = knp({ egress: [{ ports: [{ protocol: 'SCTP', port: 80 }] }] });
    expect(told(detected('cilium', '1.18.0'), sctp)).toEqual([
      '/spec/egress/0/ports/0/protocol ignored: enable-sctp: "true"',
    ]);
    expect(told(detected('cilium', '1.18.0', { 'enable-sctp': 'true' }), sctp)).toEqual([]);
    const l7 = withSpec('crd.antrea.io', 'NetworkPolicy', { ingress: [{ l7Protocols: [{ http: {} }] }] });
    const needs = 'Antrea 1.10 with the feature gate L7NetworkPolicy';
    expect(told(detected('antrea', '2.2.0'), l7)).toEqual([`/spec/ingress/0/l7Protocols unknown: ${needs}`]);
    expect(told(detected('antrea', '2.2.0', { 'gate.L7NetworkPolicy': 'true' }), l7)).toEqual([]);
  });

  it('looks into `specs` too, and at the parts of one rule together', () => {
    const rules = { ...cnp({}), raw: { specs: [{}, { egress: [{ toServices: [{}], toPorts: [{ ports: [] }] }] }] } };
    expect(told(detected('cilium', '1.18.0'), rules)).toEqual(['/specs/1/egress/0/toPorts rejected: Cilium 1.19']);
    expect(told(detected('cilium', '1.19.0'), rules)).toEqual([]);
    expect(told(detected('cilium', '1.18.0'), cnp({ egress: [{ toPorts: [{ ports: [] }] }] }))).toEqual([]);
  });

  it('tells of port names of Calico without a protocol where releases refuse them', () => {
    const rule = { destination: { ports: [80, 'web'] }, source: { notPorts: ['web'] } };
    const names = withSpec('crd.projectcalico.org', 'NetworkPolicy', {
      ingress: [rule, { ...rule, protocol: 'TCP' }, { destination: { ports: [80] } }],
    });
    expect(told(detected('calico', '3.31.4'), names)).toEqual([
      '/spec/ingress/0/source rejected: Calico 3.32',
      '/spec/ingress/0/destination rejected: Calico 3.32',
    ]);
    expect(told(detected('calico', '3.32.0'), names)).toEqual([]);
    expect(told(detected('calico', ''), names)).toEqual([]);
  });

  it('tells the whole policy where its kind is not enforced, with what would enforce it', () => {
    const admin = withSpec('policy.networking.k8s.io', 'ClusterNetworkPolicy', {});
    expect(told(detected('calico', '3.31.0'), admin)).toEqual([' ignored: Calico 3.32']);
    expect(told(detected('calico', ''), admin)).toEqual([' unknown: Calico 3.32']);
    expect(told(detected('calico', '3.32.0'), admin)).toEqual([]);
    expect(told(detected('flannel', '0.26.0'), cnp({}))).toEqual([' ignored: ']);
  });

  it('says nothing where nothing is enforced or where that is not known', () => {
    const sctp = knp({ egress: [{ ports: [{ protocol: 'SCTP', port: 80 }] }] });
    for (const enforced of ['no', 'unknown'] as const) {
      expect(told({ ...detected('cilium', '1.18.0'), enforced }, sctp)).toEqual([]);
    }
  });

  it('never throws for fields of another type', () => {
    for (const spec of [{ ingress: 7 }, { ingress: [null, 'x', { ports: {} }] }, { specs: { ingress: [] } }]) {
      expect(told(detected('cilium', '1.10.0'), knp(spec), cnp(spec))).toEqual([]);
    }
  });

  it('has a profile and a kind for every construct', () => {
    const used = CNI_IDS.flatMap((id) =>
      ['0.1.0', '99.0.0'].flatMap((version) => CNI_PROFILES[id].deviations({ version, options: KNP_V1ALPHA1 })),
    );
    for (const construct of CONSTRUCTS) {
      expect([construct, used.some((deviation) => deviation.construct === construct)]).toEqual([construct, true]);
      expect(Object.values(KIND_GROUPS).some((group) => isIn(construct, group))).toBe(true);
    }
  });
});

const KNP_V1ALPHA1 = { flavour: 'npa-v1alpha1', 'enable-l7-proxy': 'false' };
