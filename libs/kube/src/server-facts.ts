import { field, list, path, text } from '#engine';

import { KubeFault } from './kube-fault.js';
import type { KubeTransport } from './kube-transport.js';

/** The first minor version that streams initial lists without being asked to by its administrator. */
const STREAMS_FROM_MINOR = 32;

/** Whether the server streams initial lists (WatchList). A server that cannot be asked is taken for one that does not. */
export async function offersStreamedLists(transport: KubeTransport, signal: AbortSignal): Promise<boolean> {
  const version = await askOrNull(transport, '/version', 'the version', signal);
  return text(field(version, 'major')) === '1' && parseInt(text(field(version, 'minor')), 10) >= STREAMS_FROM_MINOR;
}

/** What makes a cluster itself, wherever it answers: the uid of `kube-system`. '' when it may not be read. */
export async function clusterIdentity(transport: KubeTransport, signal: AbortSignal): Promise<string> {
  const query = new URLSearchParams({ fieldSelector: 'metadata.name=kube-system' });
  const found = await askOrNull(transport, `/api/v1/namespaces?${query.toString()}`, 'namespaces', signal);
  return text(path(list(field(found, 'items'))[0], 'metadata', 'uid'));
}

async function askOrNull(transport: KubeTransport, at: string, what: string, signal: AbortSignal): Promise<unknown> {
  try {
    return await transport.getJson(at, { signal, what });
  } catch (error) {
    // Both are a gain only where they can be had; what is wrong with the server shows in the next request.
    if (signal.aborted || !(error instanceof KubeFault)) throw error;
    return null;
  }
}
