import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, type Daemon, freePort, startDaemon } from './daemon.js';

/** node_exporter with the collector of the connection table alone. `command` may lead into a network namespace. */
export function nodeExporterArgs(port: number): string[] {
  return ['--web.listen-address', `127.0.0.1:${String(port)}`, '--collector.disable-defaults', '--collector.conntrack'];
}

export async function startNodeExporter(): Promise<Daemon> {
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  return startDaemon('prometheus-node-exporter', nodeExporterArgs(port), url, () => answers(`${url}/metrics`));
}

/** A configuration that reads one target each second. */
export function prometheusConfig(target: string): string {
  return [
    'global: { scrape_interval: 1s }',
    'scrape_configs:',
    '  - job_name: node',
    `    static_configs: [{ targets: ["${target}"] }]`,
    '',
  ].join('\n');
}

/** A Prometheus that reads one exporter. */
export async function startPrometheus(target: string): Promise<Daemon> {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-test-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  writeFileSync(config, prometheusConfig(target));
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const daemon = await startDaemon('prometheus', prometheusArgs(config, folder, port), url, () =>
    answers(`${url}/-/ready`),
  );
  return {
    url,
    stop: async () => {
      await daemon.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function prometheusArgs(config: string, folder: string, port: number): string[] {
  return [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${String(port)}`,
    '--log.level=warn',
  ];
}

/** An Alertmanager that posts every alert to one webhook, at once and again each few seconds. */
export async function startAlertmanager(webhook: string): Promise<Daemon> {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-test-alertmanager-'));
  const config = join(folder, 'alertmanager.yml');
  const route = '{ receiver: atlas, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1s }';
  writeFileSync(
    config,
    `route: ${route}\nreceivers:\n  - name: atlas\n    webhook_configs: [{ url: "${webhook}", send_resolved: true }]\n`,
  );
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const args = [
    `--config.file=${config}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${String(port)}`,
    '--cluster.listen-address=',
    '--log.level=warn',
  ];
  const daemon = await startDaemon('prometheus-alertmanager', args, url, () => answers(`${url}/-/ready`));
  return {
    url,
    stop: async () => {
      await daemon.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
