import { describe, expect, it } from '@jest/globals';
import type { CniDetection } from '../model/index.js';
import { knownCni } from '../testing/index.js';
import { CNI_IDS } from './cni-id.js';
import { cniComparison, ignoredKinds } from './comparison.js';
import { CNI_PROFILES } from './profiles/index.js';
import { CAPABILITIES, COMPARISON_COLUMNS } from './profile.js';

const CALICO = knownCni('calico', { title: 'Calico 3.29.1', version: '3.29.1' });

describe('cniComparison', () => {
  it('has a row for every CNI but the unknown one, each cell with a value and a source', () => {
    const rows = cniComparison();
    expect(rows.map((row) => row.id)).toEqual(CNI_IDS.filter((id) => id !== 'unknown'));
    for (const row of rows) {
      for (const column of COMPARISON_COLUMNS) {
        expect(row.columns[column].value).not.toBe('');
        expect(row.columns[column].source).toMatch(/^https:\/\//);
        expect(row.columns[column].version).toMatch(/^(from|since before|as of) .*\d/);
      }
      expect(Object.keys(row.capabilities)).toEqual([...CAPABILITIES]);
      for (const note of row.notes) expect(note.source).toMatch(/^https:\/\//);
    }
  });

  it('has texts that fit the rest: profiles under their id, deviations with a source', () => {
    for (const id of CNI_IDS) {
      const profile = CNI_PROFILES[id];
      expect(profile.id).toBe(id);
      for (const deviation of profile.deviations({ version: '', options: {} })) {
        expect(deviation.source).toMatch(/^https:\/\//);
        expect(deviation.note).not.toMatch(/\.$/);
      }
    }
  });

  it('says that a capability is partial only with a note', () => {
    for (const { capabilities } of cniComparison()) {
      for (const cell of Object.values(capabilities)) if (cell.value === 'partial') expect(cell.note).not.toBe('');
    }
  });

  it('agrees with what the profile enforces', () => {
    for (const { id, capabilities } of cniComparison()) {
      const support = CNI_PROFILES[id].support({ version: '99.0.0', options: {} });
      expect([id, support.networkPolicy]).toEqual([id, capabilities.ingressEgress.value]);
    }
  });
});

describe('ignoredKinds', () => {
  it('tells what the CNI ignores, what it enforces in part, and why; full support and the mesh are left out', () => {
    const ignored = ignoredKinds(CALICO, [
      'NetworkPolicy.networking.k8s.io',
      'CiliumNetworkPolicy.cilium.io',
      'StagedNetworkPolicy.projectcalico.org',
      'AdminNetworkPolicy.policy.networking.k8s.io',
      'AuthorizationPolicy.security.istio.io',
    ]);
    expect(ignored.map(({ kind, support }) => [kind, support])).toEqual([
      ['CiliumNetworkPolicy.cilium.io', 'no'],
      ['StagedNetworkPolicy.projectcalico.org', 'no'],
      ['AdminNetworkPolicy.policy.networking.k8s.io', 'partial'],
    ]);
    expect(ignored[1]?.why).toBe('staged policy is a preview and is never enforced');
  });

  it('counts a kind as enforced when one of several engines does', () => {
    const both: CniDetection = { ...CALICO, policyEngine: 'calico+k3s', title: 'Calico and k3s' };
    const kinds = ['GlobalNetworkPolicy.projectcalico.org', 'CiliumNetworkPolicy.cilium.io'] as const;
    expect(ignoredKinds(both, kinds).map(({ kind, support }) => [kind, support])).toEqual([
      ['CiliumNetworkPolicy.cilium.io', 'no'],
    ]);
  });

  it('names the plugin where nothing is enforced, and says that it does not know where it does not', () => {
    const kinds = ['NetworkPolicy.networking.k8s.io'] as const;
    const flannel: CniDetection = {
      ...CALICO,
      networking: 'flannel',
      policyEngine: '',
      title: 'Flannel',
      enforced: 'no',
    };
    expect(ignoredKinds(flannel, kinds)[0]?.why).toBe('Flannel enforces no policy in this cluster');
    const unknown: CniDetection = { ...CALICO, networking: 'unknown', policyEngine: 'unknown', enforced: 'unknown' };
    expect(ignoredKinds(unknown, kinds)[0]).toMatchObject({ support: 'unknown' });
  });
});
