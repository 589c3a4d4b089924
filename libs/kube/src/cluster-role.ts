import { stringify } from 'yaml';

import { readRules } from './read-rules.js';

const HEADER = [
  '# Written by `node scripts/run.mjs deploy/rbac/generate-role.mjs` from the watched kinds. Do not edit.',
  '# Everything that Netpol Atlas reads from a cluster. No Secrets, no write, ConfigMaps by name only. Leave out what',
  '# must not be read: that kind is then reported as incomplete with the reason, and the rest is synced. Where Istio has',
  '# revisions, add `istio-REVISION` to the names of ConfigMaps for each.',
].join('\n');

const YAML_OPTIONS = { aliasDuplicateObjects: false, indentSeq: true, singleQuote: true } as const;

/** The manifests that let the service account `netpol-atlas` in the namespace of that name read what is watched. */
export function clusterRoleYaml(): string {
  const name = 'netpol-atlas';
  const apiGroup = 'rbac.authorization.k8s.io';
  const apiVersion = `${apiGroup}/v1`;
  const documents = [
    { apiVersion, kind: 'ClusterRole', metadata: { name }, rules: readRules() },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: name }],
    },
  ];
  return `${HEADER}\n${documents.map((document) => stringify(document, YAML_OPTIONS)).join('---\n')}`;
}

/** The rules alone, which the Helm chart gives to a role of its own name. */
export function clusterRulesYaml(): string {
  return `${HEADER}\n${stringify({ rules: readRules() }, YAML_OPTIONS)}`;
}
