import { objectLabel } from '#engine';

import { renderTable } from '../table.js';
import type { ClusterCni } from './cni.command.js';

const ENFORCES = {
  yes: 'enforces network policy',
  no: 'does not enforce network policy',
  unknown: 'may or may not enforce network policy',
} as const;
const SUPPORT = { no: 'ignored', partial: 'in part', unknown: 'not known' } as const;
const SHOWN_NAMES = 5;

/** What a cluster runs, why we think so, and which of its policies that ignores. */
export function renderReport({ cni, ignored, lacking, lackingCount, deviations, features }: ClusterCni): string {
  const options = Object.entries(cni.options).map(([key, value]) => `  ${key}: ${value}`);
  const parts = [
    `${cni.title} ${ENFORCES[cni.enforced]} (confidence ${cni.confidence.toFixed(2)})`,
    section(
      'Evidence',
      cni.evidence.map(({ source, detail, weight }) => `  ${weight.toFixed(2)}  ${source}: ${detail}`),
    ),
    section('Settings that change answers', options),
    section(
      'Nodes without an agent: nothing is enforced there',
      cni.unenforcedNodes.map((node) => `  ${node}`),
    ),
    ignored.length === 0 ? 'No policy of the cluster is ignored.' : ignoredTable(ignored),
    lacking.length === 0 ? '' : lackingTable(lacking, lackingCount),
    section(
      'Where it leaves the specification',
      deviations.map(({ subject, deviation, note }) => `  ${subject} (${deviation}): ${note}`),
    ),
    features.length === 0 ? '' : featuresTable(features),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [title, ...lines].join('\n');
}

function ignoredTable(ignored: ClusterCni['ignored']): string {
  const rows = ignored.map((found) => [SUPPORT[found.support], found.kind, names(found), found.why, found.needs]);
  const header = ['EFFECT', 'KIND', 'POLICIES', 'WHY', 'IT TAKES'];
  return `Policies that are not enforced in full\n${renderTable(header, rows)}`;
}

function lackingTable(lacking: ClusterCni['lacking'], count: number): string {
  const rows = lacking.map(({ policy, pointer, deviation, why, needs }) => {
    return [deviation, `${policy.kind} ${objectLabel(policy)}`, pointer, why, needs];
  });
  const more = count > lacking.length ? `\nand ${String(count - lacking.length)} more` : '';
  const table = renderTable(['EFFECT', 'POLICY', 'FIELD', 'WHY', 'IT TAKES'], rows);
  return `Fields that are not implemented as they are written\n${table}${more}`;
}

function featuresTable(features: ClusterCni['features']): string {
  const rows = features.map(({ engine, feature, value, version, source }) => [engine, feature, value, version, source]);
  return `What it can do\n${renderTable(['ENGINE', 'FEATURE', 'WHAT', 'VERSION', 'SOURCE'], rows)}`;
}

function names({ policies, count }: ClusterCni['ignored'][number]): string {
  const shown = policies.slice(0, SHOWN_NAMES).map(objectLabel).join(', ');
  return count > SHOWN_NAMES ? `${shown} and ${String(count - SHOWN_NAMES)} more` : shown;
}
