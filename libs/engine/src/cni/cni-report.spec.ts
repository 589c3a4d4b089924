import { describe, expect, it } from '@jest/globals';
import type { CniDetection } from '../model/index.js';
import { knownCni } from '../testing/index.js';
import { cniReport } from './cni-report.js';
import { policy } from './testing/sketches.js';

const CALICO = knownCni('calico', { title: 'Calico 3.29.1', version: '3.29.1' });

describe('cniReport', () => {
  it('names the policies that the CNI does not enforce in full, by kind and name', () => {
    const report = cniReport(CALICO, [
      policy('cilium.io', 'CiliumNetworkPolicy', 'b'),
      policy('networking.k8s.io', 'NetworkPolicy', 'n'),
      policy('cilium.io', 'CiliumNetworkPolicy', 'a'),
      policy('example.com', 'NetworkPolicy', 'strange'),
    ]);
    expect(report.ignored).toEqual([
      {
        kind: 'CiliumNetworkPolicy.cilium.io',
        support: 'no',
        why: 'Calico 3.29.1 does not implement this kind, or it is switched off',
        needs: '',
        source: expect.stringMatching(/^https:/),
        policies: [
          { group: 'cilium.io', kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'a' },
          { group: 'cilium.io', kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'b' },
        ],
      },
    ]);
    expect(report.deviations.length).toBeGreaterThan(0);
  });

  it('names the fields of other policies that are not implemented as they are written', () => {
    const ranges = policy('networking.k8s.io', 'NetworkPolicy', 'n');
    const spec = { egress: [{ ports: [{ port: 80, endPort: 90 }] }] };
    const cilium = { ...CALICO, networking: 'cilium', policyEngine: 'cilium', title: 'Cilium', version: '1.15.1' };
    expect(cniReport(cilium, [{ ...ranges, raw: { spec } }]).lacking).toEqual([
      expect.objectContaining({
        policy: { group: 'networking.k8s.io', kind: 'NetworkPolicy', namespace: 'shop', name: 'n' },
        pointer: '/spec/egress/0/ports/0/endPort',
        deviation: 'rejected',
        needs: 'Cilium 1.16',
      }),
    ]);
  });

  it('says that every policy is ignored where nothing enforces', () => {
    const flannel: CniDetection = {
      ...CALICO,
      networking: 'flannel',
      policyEngine: '',
      title: 'Flannel',
      enforced: 'no',
    };
    const { ignored, deviations } = cniReport(flannel, [policy('networking.k8s.io', 'NetworkPolicy', 'n')]);
    expect(ignored.map(({ support, policies }) => [support, policies.length])).toEqual([['no', 1]]);
    expect(deviations).toEqual([expect.objectContaining({ subject: 'every policy', deviation: 'ignored' })]);
  });
});
