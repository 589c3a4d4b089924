import { describe, expect, it } from '@jest/globals';
import { fieldManager } from './field-manager.js';

const written = (...managedFields: unknown[]): unknown => ({ metadata: { name: 'x', managedFields } });

describe('fieldManager', () => {
  it('is the one that wrote last', () => {
    const byKubectl = { manager: 'kubectl-create', operation: 'Update', time: '2026-11-01T10:00:00Z' };
    const byArgo = { manager: 'argocd-controller', operation: 'Apply', time: '2026-11-02T10:00:00Z' };
    const status = { manager: 'kubelet', operation: 'Update', subresource: 'status', time: '2026-11-01T11:00:00Z' };
    expect(fieldManager(written(byKubectl, byArgo, status))).toBe('argocd-controller');
    expect(fieldManager(written(byKubectl, status))).toBe('kubelet');
  });

  it.each([[{}], [null], [written()], [written(null, 5)], [{ metadata: { managedFields: 'x' } }]])(
    'is not known of %j',
    (raw) => {
      expect(fieldManager(raw)).toBe('');
    },
  );

  it('is cut where it is longer than a name', () => {
    expect(fieldManager(written({ manager: 'm'.repeat(300) }))).toHaveLength(128);
  });
});
