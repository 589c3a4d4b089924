// Writes role.yaml: node scripts/run.mjs deploy/rbac/generate-role.mjs
import { writeFileSync } from 'node:fs';

import { clusterRoleYaml } from '#kube';

writeFileSync(new URL('role.yaml', import.meta.url), clusterRoleYaml());
