import type { ConnectionView, ListPeer } from '#engine';

/** `namespace/name` of a Deployment; a name alone is a namespace; an address is outside. */
export function peer(text: string): ListPeer {
  if (/^\d/.test(text)) return { kind: 'Addresses', namespace: '', name: text };
  const [namespace = '', name = namespace] = text.split('/');
  return { kind: text.includes('/') ? 'Deployment' : 'Namespace', namespace, name };
}

/** A row of a list of connections between one pair. */
export function row(source: string, destination: string, connections = 'TCP 80'): ConnectionView {
  return { source: peer(source), destination: peer(destination), connections, protocols: [], pairs: 1, of: 2 };
}
