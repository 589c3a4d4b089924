// Writes role.yaml, and its rules for the chart: node scripts/run.mjs deploy/rbac/generate-role.mjs
import { writeFileSync } from 'node:fs';

import { clusterRoleYaml, clusterRulesYaml } from '#kube';

writeFileSync(new URL('role.yaml', import.meta.url), clusterRoleYaml());
writeFileSync(new URL('../helm/netpol-atlas/files/rules.yaml', import.meta.url), clusterRulesYaml());
