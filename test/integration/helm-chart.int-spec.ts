import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { findControlPlane, startControlPlane, type ControlPlane } from '../support/control-plane/control-plane.js';
import { binDir, missingParts, VERSIONS } from '../support/control-plane/layout.mjs';

const run = promisify(execFile);
const CHART = join(import.meta.dirname, '..', '..', 'deploy', 'helm', 'netpol-atlas');
const HELM = join(binDir(), 'helm');
const missing = [...new Set([...findControlPlane().missing, ...missingParts({ withHelm: true })])];
const isCi = process.env['CI'] === 'true';
const START_MS = 120_000;

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: Readonly<Record<string, unknown>>;
}

const helm = async (...args: string[]): Promise<string> => (await run(HELM, args, { timeout: 60_000 })).stdout;
const render = (...args: string[]): Promise<string> =>
  helm('template', 'atlas', CHART, '-n', 'atlas', '--kube-version', VERSIONS.kubernetes, ...args);
const parse = (text: string): Manifest[] =>
  parseAllDocuments(text)
    .map((document) => document.toJSON() as Manifest | null)
    .filter((manifest) => manifest !== null);
const named = (manifests: readonly Manifest[]): string[] =>
  manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);

if (missing.length > 0 && !isCi) {
  describe('the Helm chart', () => {
    it.skip(`needs ${missing.join(', ')}: node test/support/control-plane/build.mjs --with-helm`, () => undefined);
  });
} else {
  describe('the Helm chart', () => {
    let plane: ControlPlane;

    beforeAll(async () => {
      plane = await startControlPlane();
      await plane.kubectl(['create', 'namespace', 'atlas']);
    }, START_MS);
    afterAll(async () => {
      await plane.stop();
    });

    /** What a real API server makes of every object, without keeping any. */
    const dryRun = async (text: string): Promise<string[]> => {
      const printed = await plane.kubectl(['apply', '--dry-run=server', '--validate=strict', '-f', '-'], {
        input: text,
      });
      return printed.trim().split('\n');
    };

    it('passes the linter without a word', async () => {
      expect(await helm('lint', '--strict', CHART)).toContain('1 chart(s) linted, 0 chart(s) failed');
    }, 60_000);

    it('is taken by a real API server as it is, and with everything turned on or off', async () => {
      const plain = await render();
      expect(named(parse(plain)).sort()).toEqual([
        'ClusterRole atlas-atlas',
        'ClusterRoleBinding atlas-atlas',
        'Deployment atlas-api',
        'Deployment atlas-sync',
        'Deployment atlas-worker',
        'HorizontalPodAutoscaler atlas-api',
        'HorizontalPodAutoscaler atlas-worker',
        'Job atlas-migrate',
        'NetworkPolicy atlas-api',
        'NetworkPolicy atlas-migrate',
        'NetworkPolicy atlas-sync',
        'NetworkPolicy atlas-worker',
        'PodDisruptionBudget atlas-api',
        'PodDisruptionBudget atlas-sync',
        'PodDisruptionBudget atlas-worker',
        'Service atlas',
        'ServiceAccount atlas',
      ]);
      const taken = await dryRun(plain);
      expect(taken).toHaveLength(17);
      expect(taken.every((line) => line.endsWith('created (server dry run)'))).toBe(true);
      const open = ['{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"ingress"}}}'];
      const full = await render(
        '--set', 'settings.RETENTION_DAYS=90',
        '--set', 'secrets.redis.name=',
        '--set', 'api.autoscaling.enabled=false',
        '--set', 'sync.volumes[0].name=clusters,sync.volumes[0].secret.secretName=kubeconfigs',
        '--set', 'sync.volumeMounts[0].name=clusters,sync.volumeMounts[0].mountPath=/clusters',
        '--set-json', `networkPolicy.apiFrom=[${open.join(',')}]`,
        '--set-json', `networkPolicy.metricsFrom=[${open.join(',')}]`,
        '--set-json', 'networkPolicy.databaseTo=[{"ipBlock":{"cidr":"10.0.0.0/24"}}]',
        '--set', 'imagePullSecrets[0].name=registry',
        '--set', 'migrations.enabled=false',
      ); // prettier-ignore
      expect((await dryRun(full)).every((line) => line.endsWith('created (server dry run)'))).toBe(true);
      expect(full).toContain('name: RETENTION_DAYS');
      expect(full).not.toContain('REDIS_URL');
    }, 60_000);

    it('names secrets and holds none', async () => {
      const manifests = parse(await render());
      expect(manifests.some(({ kind }) => kind === 'Secret')).toBe(false);
      const text = JSON.stringify(manifests);
      for (const name of ['DATABASE_URL', 'REDIS_URL', 'ATLAS_SECRET_KEY']) {
        expect(text).toContain(`{"name":"${name}","valueFrom":{"secretKeyRef":`);
        expect(text).not.toContain(`{"name":"${name}","value":`);
      }
      await expect(render('--set', 'settings.DATABASE_URL=postgresql://u:p@h/d')).rejects.toThrow('DATABASE_URL');
      await expect(render('--set', 'secrets.database.name=')).rejects.toThrow('secrets');
    });

    it('runs every process without rights that it does not need', async () => {
      for (const { kind, metadata, spec } of parse(await render())) {
        if (kind !== 'Deployment' && kind !== 'Job') continue;
        const pod = (spec as { template: { spec: Record<string, unknown> } }).template.spec;
        expect(pod).toMatchObject({
          automountServiceAccountToken: metadata.name === 'atlas-sync',
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
            },
          ],
        });
      }
    });

    it('describes its metrics to the Prometheus operator when it is told to', async () => {
      const monitor = parse(await render('--set', 'serviceMonitor.enabled=true')).find(
        ({ kind }) => kind === 'ServiceMonitor',
      );
      expect(monitor?.spec).toMatchObject({ endpoints: [{ port: 'metrics', interval: '30s' }] });
    });
  });
}
