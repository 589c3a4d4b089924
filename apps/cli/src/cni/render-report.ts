import { objectLabel } from '#engine';
import type { CniReport, IgnoredPolicies } from '#engine';

import { renderTable } from '../table.js';

const ENFORCES = {
  yes: 'enforces network policy',
  no: 'does not enforce network policy',
  unknown: 'may or may not enforce network policy',
} as const;
const SUPPORT = { no: 'ignored', partial: 'in part', unknown: 'not known' } as const;
const SHOWN_NAMES = 5;

/** What a cluster runs, why we think so, and which of its policies that ignores. */
export function renderReport({ cni, ignored, deviations }: CniReport): string {
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
    section(
      'Where it leaves the specification',
      deviations.map(({ subject, deviation, note }) => `  ${subject} (${deviation}): ${note}`),
    ),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [title, ...lines].join('\n');
}

function ignoredTable(ignored: readonly IgnoredPolicies[]): string {
  const rows = ignored.map(({ kind, support, why, policies }) => [SUPPORT[support], kind, names(policies), why]);
  return `Policies that are not enforced in full\n${renderTable(['EFFECT', 'KIND', 'POLICIES', 'WHY'], rows)}`;
}

function names(policies: IgnoredPolicies['policies']): string {
  const shown = policies.slice(0, SHOWN_NAMES).map(objectLabel).join(', ');
  return policies.length > SHOWN_NAMES ? `${shown} and ${String(policies.length - SHOWN_NAMES)} more` : shown;
}
