import { AppError } from '#contracts';
import { type ChangeSource, type KubeAccess, KubeSource, type WatchSettings } from '#kube';
import type { ClusterRecord, ClusterRepository } from '#store';
import type { Log } from '#telemetry';

import { ManifestSource } from './manifest-source.js';

export interface OpenSourceOptions {
  readonly clusters: Pick<ClusterRepository, 'loadCredentials' | 'loadUpload'>;
  readonly watch: Partial<WatchSettings>;
  readonly folderPollMs: number;
  readonly log: Log;
}

/** The change source that a cluster's row names. Throws `AppError` when its credentials cannot be opened. */
export async function openSource(record: ClusterRecord, options: OpenSourceOptions): Promise<ChangeSource> {
  const { source, id } = record;
  const polling = { pollMs: options.folderPollMs };
  switch (source.type) {
    case 'folder':
    case 'archive':
      return new ManifestSource(source, polling);
    case 'upload':
      return new ManifestSource({ type: 'upload', load: () => options.clusters.loadUpload(id) }, polling);
    case 'agent':
      throw new AppError('cluster.source_invalid', 'this cluster is read by its agent, not from here');
    case 'inCluster':
      return kube({ type: 'inCluster' });
    case 'kubeconfig': {
      const { context } = source;
      if (source.path !== null) return kube({ type: 'path', path: source.path, context });
      const text = await options.clusters.loadCredentials(id);
      if (text === null)
        throw new AppError('cluster.credentials_invalid', 'the kubeconfig of this cluster is not stored');
      return kube({ type: 'text', text: text.reveal(), context });
    }
  }

  function kube(access: KubeAccess): KubeSource {
    return new KubeSource(access, { settings: options.watch, log: options.log });
  }
}
