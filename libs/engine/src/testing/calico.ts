import { knownCni } from './known-cni.js';

/** A cluster that is known to run Calico. */
export const CALICO_CNI = knownCni('calico', { title: 'Calico', version: '3.32.0' });

/** A Calico object of the API group, named `namespace/name` or `name`. */
export function rawCalico(kind: string, fullName: string, spec: unknown, labels: Record<string, string> = {}): unknown {
  const [first, second] = fullName.split('/');
  const metadata = second === undefined ? { name: first, labels } : { namespace: first, name: second, labels };
  return { apiVersion: 'projectcalico.org/v3', kind, metadata, spec };
}
