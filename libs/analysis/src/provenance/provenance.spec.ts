import { describe, expect, it } from '@jest/globals';
import type { ClusterRecord, SnapshotRecord } from '#store';
import { provenanceOf } from './provenance.js';

const TAKEN = new Date('2026-01-01T10:00:00Z');
const NOW = new Date('2026-01-01T12:00:00Z');
const cluster = (lastSyncedAt: Date | null) => ({ id: 'id', name: 'c', lastSyncedAt }) as ClusterRecord;
const snapshot = (completeness: SnapshotRecord['completeness'] = {}) =>
  ({ seq: 7, takenAt: TAKEN, completeness }) as SnapshotRecord;
const HOUR_MS = 3_600_000;

describe('provenanceOf', () => {
  it('counts staleness of the newest snapshot from the last contact with its source', () => {
    const synced = cluster(new Date('2026-01-01T11:59:59Z'));
    expect(provenanceOf(synced, snapshot(), true, NOW).asOf).toMatchObject({ seq: 7, stalenessMs: 1000 });
  });

  it('counts staleness of an older snapshot, or of a source never reached again, from when it was taken', () => {
    const synced = cluster(new Date('2026-01-01T11:59:59Z'));
    expect(provenanceOf(synced, snapshot(), false, NOW).asOf.stalenessMs).toBe(2 * HOUR_MS);
    expect(provenanceOf(cluster(null), snapshot(), true, NOW).asOf.stalenessMs).toBe(2 * HOUR_MS);
  });

  it('is never negative when clocks differ', () => {
    expect(provenanceOf(cluster(null), snapshot(), true, new Date('2025-01-01T00:00:00Z')).asOf.stalenessMs).toBe(0);
  });

  it('names the kinds that were not fully listed, with the reason', () => {
    const { completeness } = provenanceOf(
      cluster(null),
      snapshot({
        Pod: { complete: true },
        Service: { complete: false, reason: 'forbidden' },
        Node: { complete: false },
      }),
      true,
      NOW,
    );
    expect(completeness).toEqual({
      complete: false,
      incomplete: [
        { kind: 'Node', reason: 'not fully listed yet' },
        { kind: 'Service', reason: 'forbidden' },
      ],
    });
  });
});
