import { readFileSync } from 'node:fs';

import { WATCHED_KINDS } from '#engine';
import { describe, expect, it } from '@jest/globals';

import { clusterRoleYaml, clusterRulesYaml } from './cluster-role.js';
import { readRules } from './read-rules.js';

describe('the RBAC role', () => {
  it('is in deploy/rbac as it is generated', () => {
    const file = new URL('../../../deploy/rbac/role.yaml', import.meta.url);
    // When it differs: node scripts/run.mjs deploy/rbac/generate-role.mjs
    expect(readFileSync(file, 'utf8')).toBe(clusterRoleYaml());
  });

  it('is what the chart gives to the sync role', () => {
    const file = new URL('../../../deploy/helm/netpol-atlas/files/rules.yaml', import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(clusterRulesYaml());
  });

  it('lets every watched kind be read and nothing be written', () => {
    const rules = readRules();
    for (const { group, resource } of WATCHED_KINDS) {
      const rule = rules.find(({ apiGroups, resources }) => apiGroups.includes(group) && resources.includes(resource));
      expect(rule?.verbs).toContain('list');
    }
    expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(['list', 'watch']));
    expect(rules.flatMap(({ resources }) => resources)).not.toContain('secrets');
    const configMaps = rules.filter(({ resources }) => resources.includes('configmaps'));
    expect(configMaps.map(({ resourceNames }) => (resourceNames ?? []).length > 0)).toEqual([true]);
  });
});
