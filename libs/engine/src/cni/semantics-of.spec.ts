import { describe, expect, it } from '@jest/globals';
import { POLICY_KINDS } from '../model/index.js';
import type { CniDetection, CniEngine, PolicyKind } from '../model/index.js';
import { knownCni } from '../testing/index.js';
import { deviationsOf, engineDetections, intendedSemantics, profilesOf, semanticsOf } from './semantics-of.js';
import { SPEC_SEMANTICS } from './spec-semantics.js';

const KNP = 'NetworkPolicy.networking.k8s.io';
const ANP = 'AdminNetworkPolicy.policy.networking.k8s.io';
const CNP2 = 'ClusterNetworkPolicy.policy.networking.k8s.io';
const CNP = 'CiliumNetworkPolicy.cilium.io';
const CCNP = 'CiliumClusterwideNetworkPolicy.cilium.io';
const GNP = 'GlobalNetworkPolicy.projectcalico.org';
const STAGED = 'StagedGlobalNetworkPolicy.projectcalico.org';
const ACNP = 'ClusterNetworkPolicy.crd.antrea.io';
const FQDN = 'FQDNNetworkPolicy.networking.gke.io';
const MESH: readonly PolicyKind[] = ['AuthorizationPolicy.security.istio.io', 'PeerAuthentication.security.istio.io'];

function detected(engine: string, parts: Partial<CniDetection> = {}): CniDetection {
  return knownCni(engine, { networking: engine === '' ? 'unknown' : engine, ...parts });
}

const UNKNOWN = detected('unknown', { networking: 'unknown', enforced: 'unknown' });

describe('semanticsOf', () => {
  it('enforces no kind but those of the mesh where nothing enforces', () => {
    const { semantics, deviations } = semanticsOf(
      detected('', { networking: 'flannel', title: 'Flannel', enforced: 'no' }),
    );
    for (const kind of POLICY_KINDS) expect(semantics.kinds[kind]).toBe(MESH.includes(kind) ? 'yes' : 'no');
    expect(deviations).toEqual([expect.objectContaining({ subject: 'every policy', deviation: 'ignored' })]);
  });

  it('leaves every kind but the mesh and staged previews unknown where enforcement is unknown', () => {
    for (const detection of [UNKNOWN, detected('cilium', { enforced: 'unknown' })]) {
      const { kinds } = semanticsOf(detection).semantics;
      for (const kind of POLICY_KINDS) {
        const expected = MESH.includes(kind) ? 'yes' : kind.startsWith('Staged') ? 'no' : 'unknown';
        expect([kind, kinds[kind]]).toEqual([kind, expected]);
      }
    }
  });

  it('NP-39 says of each engine what it polices of a pod that sends to its own Service', () => {
    const judges = (engine: string, options: Readonly<Record<string, string>> = {}): readonly string[] => {
      const { egress, ingress } = semanticsOf(detected(engine, { options })).semantics.toItself;
      return [egress, ingress];
    };
    expect(['cilium', 'gke-dataplane-v2', 'aks-cilium'].map((engine) => judges(engine))).toEqual(
      Array(3).fill(['nothing', 'nothing']),
    );
    expect(['calico', 'canal', 'kube-network-policies', 'kindnet'].map((engine) => judges(engine))).toEqual(
      Array(4).fill(['policy', 'policy']),
    );
    expect(judges('calico', { 'bpf-enabled': 'true' })).toEqual(['nothing', 'nothing']);
    expect(judges('calico', { 'linux-dataplane': 'BPF' })).toEqual(['nothing', 'nothing']);
    expect(['ovn-kubernetes', 'antrea', 'aws-vpc-cni', 'eks-auto'].map((engine) => judges(engine))).toEqual(
      Array(4).fill(['policy', 'nothing']),
    );
    expect(SPEC_SEMANTICS.toItself).toEqual({ egress: 'cluster-wide', ingress: 'cluster-wide' });
  });

  it('tells of stateless policies where OVN-Kubernetes has them switched on', () => {
    const subjects = (options: Readonly<Record<string, string>>): readonly string[] =>
      deviationsOf(detected('ovn-kubernetes', { options })).map(({ subject }) => subject);
    const subject = 'policies with k8s.ovn.org/acl-stateless';
    expect(subjects({ 'enable-stateless-netpol': 'true' })).toContain(subject);
    expect(subjects({})).not.toContain(subject);
  });

  it('takes the version of a platform of its own for none of Cilium', () => {
    const version = '1.11.1';
    const cilium = detected('cilium', { version });
    const gke = detected('gke-dataplane-v2', { version });
    const readings = (cni: CniDetection): unknown[] => [
      semanticsOf(cni).semantics.options['version'],
      intendedSemantics(cni, new Set([CCNP])).options['version'],
    ];
    expect(readings(cilium)).toEqual([version, version]);
    expect(readings(gke)).toEqual(['', '']);
  });

  it('reads address blocks, the own node and the default as Cilium does', () => {
    const plain = semanticsOf(detected('cilium', { version: '1.16.4' })).semantics;
    expect(plain).toMatchObject({
      combination: 'cilium',
      cidrMatches: { pods: false, nodes: false },
      podToOwnNode: false,
      ownNodeToPod: true,
      sctp: false,
      endPort: 'exact',
      podDefault: 'allow',
    });
    const switched = semanticsOf(
      detected('cilium', {
        options: {
          'policy-cidr-match-mode': 'nodes',
          'enable-policy': 'always',
          'allow-localhost': 'policy',
          'enable-sctp': 'true',
        },
      }),
    ).semantics;
    expect(switched).toMatchObject({
      cidrMatches: { pods: false, nodes: true },
      podDefault: 'deny',
      ownNodeToPod: false,
      sctp: true,
    });
  });

  it('ignores endPort in Cilium before 1.14.4, and refuses policies with it before 1.16', () => {
    const made = { '1.14.3': 'ignored', '1.14.4': 'rejected', '1.15.9': 'rejected', '1.16.0': 'exact' } as const;
    for (const [version, deviation] of Object.entries(made)) {
      const { semantics, deviations } = semanticsOf(detected('cilium', { version }));
      expect([version, semantics.endPort]).toEqual([version, deviation]);
      const told = deviations.find(({ subject }) => subject === 'endPort')?.deviation ?? 'exact';
      expect([version, told]).toEqual([version, deviation]);
    }
  });

  it('enforces ClusterNetworkPolicy in Cilium from 1.20 on behind its switch, and host policy behind its own', () => {
    const options = { 'enable-k8s-cluster-network-policy': 'true', 'enable-host-firewall': 'true' };
    const kinds = (version: string, on: boolean): CniDetection =>
      detected('cilium', { version, options: on ? options : {} });
    expect(semanticsOf(kinds('1.20.0', true)).semantics.kinds).toMatchObject({
      [CNP2]: 'yes',
      [CCNP]: 'yes',
      [ANP]: 'no',
    });
    expect(semanticsOf(kinds('1.19.3', true)).semantics.kinds[CNP2]).toBe('no');
    expect(semanticsOf(kinds('', true)).semantics.kinds[CNP2]).toBe('unknown');
    expect(semanticsOf(kinds('1.20.0', false)).semantics.kinds).toMatchObject({ [CNP2]: 'no', [CCNP]: 'partial' });
  });

  it('ignores NetworkPolicy in Cilium when enable-k8s-networkpolicy is false', () => {
    const { kinds } = semanticsOf(detected('cilium', { options: { 'enable-k8s-networkpolicy': 'false' } })).semantics;
    expect(kinds).toMatchObject({ [KNP]: 'no', [CNP]: 'yes' });
  });

  it.each([
    ['3.28.2', 'no', 'no'],
    ['3.30.1', 'partial', 'no'],
    ['3.32.0', 'no', 'partial'],
    ['', 'unknown', 'unknown'],
  ])('Calico %s: v1alpha1 %s, v1alpha2 %s', (version, admin, cluster) => {
    const { kinds } = semanticsOf(detected('calico', { version })).semantics;
    expect(kinds).toMatchObject({
      [ANP]: admin,
      [CNP2]: cluster,
      [KNP]: 'yes',
      [GNP]: 'yes',
      [STAGED]: 'no',
      [CNP]: 'no',
    });
  });

  it('reads Canal as Calico', () => {
    const canal = detected('canal', { networking: 'flannel', version: '3.29.1' });
    expect(semanticsOf(canal).semantics).toMatchObject({ combination: 'calico', kinds: { [GNP]: 'yes' } });
  });

  it('follows the feature gates of Antrea', () => {
    const gated = semanticsOf(
      detected('antrea', {
        version: '2.7.0',
        options: { 'gate.ClusterNetworkPolicy': 'true', 'gate.AntreaPolicy': 'false' },
      }),
    );
    expect(gated.semantics).toMatchObject({
      combination: 'antrea',
      kinds: { [CNP2]: 'yes', [ACNP]: 'no', [ANP]: 'no' },
    });
  });

  it('widens named ports on OVN-Kubernetes and refuses them on Weave', () => {
    expect(semanticsOf(detected('ovn-kubernetes')).semantics).toMatchObject({
      combination: 'ovn',
      namedPorts: 'widened',
    });
    expect(semanticsOf(detected('weave')).semantics).toMatchObject({ namedPorts: 'rejected', endPort: 'ignored' });
  });

  it('denies unselected pods in strict mode of AWS and takes host-network pods as peers', () => {
    const strict = detected('aws-vpc-cni', { version: '1.21.1', options: { 'enforcing-mode': 'strict' } });
    expect(semanticsOf(strict).semantics).toMatchObject({
      combination: 'aws',
      podDefault: 'deny',
      hostPodsAsPeers: true,
      knpDecidesBothDirections: true,
      ipBlockExcept: 'narrowed',
    });
    expect(semanticsOf(detected('aws-vpc-cni')).semantics.podDefault).toBe('allow');
  });

  it('takes the admin kinds of kube-network-policies from its flavour', () => {
    const kinds = (flavour: string): unknown =>
      semanticsOf(detected('kube-network-policies', { options: { flavour } })).semantics.kinds;
    expect(kinds('npa-v1alpha1')).toMatchObject({ [ANP]: 'yes', [CNP2]: 'no' });
    expect(kinds('npa-v1alpha2')).toMatchObject({ [ANP]: 'no', [CNP2]: 'yes' });
    expect(kinds('standard')).toMatchObject({ [KNP]: 'yes', [ANP]: 'no', [CNP2]: 'no' });
  });

  it('keeps the options for frontends, with the version', () => {
    const { options } = semanticsOf(
      detected('calico', { version: '3.32.0', options: { 'bpf-enabled': 'true' } }),
    ).semantics;
    expect(options).toEqual({ 'bpf-enabled': 'true', engine: 'calico', version: '3.32.0' });
  });

  it('reads several engines one by one, each with its own version, options and nodes', () => {
    const engines: readonly CniEngine[] = [
      { id: 'cilium', version: '1.16.4', options: { 'enable-policy': 'always' }, unenforcedNodes: ['b'] },
      { id: 'k3s', version: '', options: {}, unenforcedNodes: [] },
    ];
    const both = detected('cilium+k3s', { networking: 'cilium', engines });
    expect(profilesOf(both).map((profile) => profile.id)).toEqual(['cilium', 'k3s']);
    const [cilium, k3s] = engineDetections(both);
    expect(cilium).toMatchObject({ policyEngine: 'cilium', version: '1.16.4', unenforcedNodes: ['b'] });
    expect(k3s).toMatchObject({ policyEngine: 'k3s', version: '', unenforcedNodes: [], options: {} });
    const read = [cilium, k3s as CniDetection].map((engine) => semanticsOf(engine).semantics);
    expect(read).toMatchObject([
      { combination: 'cilium', podDefault: 'deny', kinds: { [KNP]: 'yes', [CNP]: 'yes', [GNP]: 'no' } },
      { combination: 'knp-only', podDefault: 'allow', kinds: { [KNP]: 'yes', [CNP]: 'no', [GNP]: 'no' } },
    ]);
    expect(deviationsOf(both)[0]).toMatchObject({ subject: 'several policy engines' });
  });

  it('takes a detection of several engines apart that tells nothing of each', () => {
    const both = detected('calico+cilium', { version: '', options: { 'enable-policy': 'always' } });
    expect(engineDetections(both).map(({ policyEngine, options }) => [policyEngine, options])).toEqual([
      ['calico', { 'enable-policy': 'always' }],
      ['cilium', { 'enable-policy': 'always' }],
    ]);
    expect(engineDetections(UNKNOWN)).toEqual([UNKNOWN]);
  });

  it('CNP-85: tells from which version of Cilium the own node needs a rule, where always denies', () => {
    const needed = (version: string, options: Readonly<Record<string, string>>): string =>
      semanticsOf(detected('cilium', { version, options })).semantics.ownNodeNeedsRule;
    const always = { 'enable-policy': 'always' };
    expect(['1.19.4', '1.20.0', '1.21.1', ''].map((version) => needed(version, always))).toEqual([
      'no',
      'yes',
      'yes',
      'unknown',
    ]);
    expect(needed('1.20.0', { 'enable-policy': 'default' })).toBe('no');
    const told = (version: string): unknown =>
      deviationsOf(detected('cilium', { version, options: always })).find(
        ({ subject }) => subject === 'node to its own pods',
      );
    expect(told('1.19.4')).toBeUndefined();
    expect([told('1.20.0'), told('')]).toEqual([
      expect.objectContaining({ note: expect.stringMatching(/^with enable-policy: always the own node/) }),
      expect.objectContaining({ note: expect.stringMatching(/^with enable-policy: always from 1.20 on the own node/) }),
    ]);
  });

  it('does not take the start-up guard of kube-router for a default', () => {
    const guarded = detected('kube-router', { options: { 'netpol-default-deny': 'true' } });
    const { semantics, deviations } = semanticsOf(guarded);
    expect(semantics.podDefault).toBe('allow');
    expect(deviations).toContainEqual(expect.objectContaining({ subject: 'new pods', deviation: 'narrowed' }));
  });

  it('takes the range of NodePorts that kube-router is told, else the default one', () => {
    const ports = (options: Readonly<Record<string, string>>): unknown =>
      semanticsOf(detected('kube-router', { options })).semantics.standingAllows[1]?.ports.include;
    const range = (from: number, to: number): object[] =>
      [6, 17].map((protocol) => ({ type: 'range', protocol, from, to }));
    expect(ports({ 'service-node-port-range': '20000-22000' })).toEqual(range(20000, 22000));
    expect(ports({ 'service-node-port-range': '20000:22000' })).toEqual(range(20000, 22000));
    expect(ports({})).toEqual(range(30000, 32767));
  });

  it('never throws on an id that it does not know', () => {
    const strange = detected('__proto__', { networking: 'constructor' });
    expect(semanticsOf(strange).semantics.kinds[KNP]).toBe('unknown');
  });
});

describe('intendedSemantics', () => {
  it('is the specification for standard kinds, whatever CNI runs', () => {
    for (const detection of [UNKNOWN, detected('cilium'), detected('', { networking: 'flannel', enforced: 'no' })]) {
      expect(intendedSemantics(detection, new Set([KNP, ANP]))).toEqual(SPEC_SEMANTICS);
    }
    expect(SPEC_SEMANTICS).toMatchObject({
      combination: 'spec',
      kinds: { [KNP]: 'yes', [ANP]: 'yes', [CNP2]: 'yes', [CNP]: 'unknown' },
      cidrMatches: { pods: true, nodes: true },
      ownNodeToPod: true,
      podToOwnNode: true,
      hostPodsAsPeers: false,
      hostPodsAsSubjects: false,
    });
  });

  it('reads native kinds in their vendor order with all features on, also on a CNI that ignores them', () => {
    const flannel = detected('', { networking: 'flannel', enforced: 'no' });
    const semantics = intendedSemantics(flannel, new Set([KNP, CNP]));
    expect(semantics).toMatchObject({
      combination: 'cilium',
      kinds: { [KNP]: 'yes', [CNP]: 'yes', [CCNP]: 'yes', [CNP2]: 'yes', [GNP]: 'unknown' },
      cidrMatches: { pods: false, nodes: false },
      sctp: true,
      podDefault: 'allow',
    });
    expect(semantics.options['enable-host-firewall']).toBe('true');
    expect(intendedSemantics(flannel, new Set([GNP])).combination).toBe('calico');
    expect(intendedSemantics(flannel, new Set([ACNP])).combination).toBe('antrea');
  });

  it('follows the real switches of the vendor that runs, but not those that turn policy off', () => {
    const real = detected('cilium', {
      version: '1.15.0',
      options: {
        'policy-cidr-match-mode': 'nodes',
        'enable-policy': 'always',
        'policy-audit-mode': 'true',
        'enable-host-firewall': 'false',
      },
    });
    const semantics = intendedSemantics(real, new Set([CCNP]));
    expect(semantics).toMatchObject({
      cidrMatches: { pods: false, nodes: true },
      podDefault: 'deny',
      endPort: 'exact',
    });
    expect(semantics.options).toMatchObject({
      'enable-host-firewall': 'true',
      'policy-audit-mode': 'false',
      version: '1.15.0',
    });
    const never = detected('', { networking: 'cilium', enforced: 'no', options: { 'enable-policy': 'never' } });
    expect(intendedSemantics(never, new Set([CNP]))).toMatchObject({ podDefault: 'allow', kinds: { [CNP]: 'yes' } });
    expect(intendedSemantics(never, new Set([CNP])).options['enable-policy']).toBe('default');
  });

  it('lets the detected vendor lead when kinds of several are present; the others are unknown', () => {
    const kinds = new Set<PolicyKind>([CNP, GNP]);
    expect(intendedSemantics(detected('calico'), kinds)).toMatchObject({
      combination: 'calico',
      kinds: { [GNP]: 'yes', [CNP]: 'unknown' },
    });
    expect(intendedSemantics(UNKNOWN, kinds)).toMatchObject({
      combination: 'cilium',
      kinds: { [GNP]: 'unknown', [CNP]: 'yes' },
    });
  });

  it('never enforces staged policy', () => {
    expect(intendedSemantics(detected('calico'), new Set([GNP, STAGED])).kinds[STAGED]).toBe('no');
  });

  it('reads FQDNNetworkPolicy beside NetworkPolicy', () => {
    expect(intendedSemantics(UNKNOWN, new Set([FQDN]))).toMatchObject({
      combination: 'spec',
      kinds: { [FQDN]: 'yes' },
    });
  });
});
