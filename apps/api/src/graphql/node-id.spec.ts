import { describe, expect, it } from '@jest/globals';
import { clusterNodeId, objectNodeId, parseNodeId } from './node-id.js';

describe('node ids', () => {
  it('name a cluster', () => {
    expect(parseNodeId(clusterNodeId('c1'))).toEqual({ type: 'cluster', clusterId: 'c1' });
  });

  it('name an object of a cluster', () => {
    const object = { kindId: 'Pod', namespace: 'shop', name: 'web-1' };
    expect(parseNodeId(objectNodeId('c1', object))).toEqual({ type: 'object', clusterId: 'c1', ...object });
  });

  it.each(['', 'shop/web', Buffer.from('["cluster"]').toString('base64url'), Buffer.from('{}').toString('base64url')])(
    'refuse %j',
    (id) => {
      expect(() => parseNodeId(id)).toThrow('is no id');
    },
  );
});
