import { capabilities, cell, NO_SUPPORT } from '../profile.js';
import type { CniProfile, ComparisonCell } from '../profile.js';
import type { CniId } from '../cni-id.js';

/** What differs between plugins that enforce no policy at all. */
export interface PlainPlugin {
  readonly id: CniId;
  readonly title: string;
  readonly source: string;
  readonly dataplane: string;
  readonly encryption: ComparisonCell;
  readonly notes: CniProfile['notes'];
}

/** The profile of a plugin that moves packets and enforces nothing. */
export function plainPlugin(plugin: PlainPlugin): CniProfile {
  const none = cell('no', plugin.source);
  return {
    id: plugin.id,
    title: plugin.title,
    vendor: null,
    support: () => NO_SUPPORT,
    semantics: () => ({ combination: 'knp-only' }),
    deviations: () => [
      {
        subject: 'every policy',
        deviation: 'ignored',
        note: `${plugin.title} enforces no policy: everything is allowed`,
        source: plugin.source,
      },
    ],
    capabilities: capabilities('NNNNNNNNNNNNN'),
    columns: {
      standardPolicy: none,
      l7: none,
      dnsNames: none,
      clusterWide: none,
      deny: none,
      flowLogs: none,
      dataplane: cell(plugin.dataplane, plugin.source),
      ownNode: cell('always, as everything', plugin.source),
      encryption: plugin.encryption,
    },
    notes: plugin.notes,
  };
}
