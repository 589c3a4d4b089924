import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { PROTOBUF_TYPE, lengthField, metadataItem, metadataPage } from '../../../test/support/metadata-protobuf.js';
import { KubeFault } from './kube-fault.js';
import { readMetadataPage } from './metadata-page.js';

const MANAGED = { manager: 'kubelet', operation: 'Update', fieldsV1: { 'f:metadata': { 'f:labels': {} } } };
const PAGE = metadataPage('1005', '1005:2', [
  metadataItem({
    name: 'web-1',
    namespace: 'shop',
    uid: 'u-1',
    resourceVersion: '1001',
    generation: 70_000,
    labels: { app: 'web' },
    annotations: { note: 'ü'.repeat(200) },
    managedFields: [MANAGED, MANAGED],
  }),
  metadataItem({ name: 'node-1', resourceVersion: '1002' }),
]);

function read(body: Buffer, contentType = PROTOBUF_TYPE): { versions: [string, string][]; next: string } {
  const versions: [string, string][] = [];
  const answer = { status: 200, etag: '', contentType, body };
  const next = readMetadataPage(answer, 'pods', (name, version) => versions.push([name, version]));
  return { versions, next };
}

const expected = {
  versions: [
    ['shop/web-1', '1001'],
    ['/node-1', '1002'],
  ],
  next: '1005:2',
};

describe('readMetadataPage', () => {
  it('reads names and versions from protobuf', () => {
    expect(read(PAGE)).toEqual(expected);
    expect(read(metadataPage('7', '', []))).toEqual({ versions: [], next: '' });
  });

  it('reads the same from JSON, for servers that have no other', () => {
    const items = [
      { metadata: { name: 'web-1', namespace: 'shop', resourceVersion: '1001' } },
      { metadata: { name: 'node-1', resourceVersion: '1002' } },
    ];
    const body = Buffer.from(JSON.stringify({ metadata: { continue: '1005:2' }, items }));
    expect(read(body, 'application/json')).toEqual(expected);
  });

  it('passes over fields that it does not know', () => {
    const extra = Buffer.concat([
      lengthField(99, 'new'),
      Buffer.from([13 * 8 + 5, 1, 2, 3, 4, 14 * 8 + 1, 1, 2, 3, 4, 5, 6, 7, 8]),
    ]);
    const item = lengthField(2, Buffer.concat([extra, lengthField(1, Buffer.concat([extra, lengthField(1, 'a')]))]));
    expect(read(metadataPage('7', '', [item])).versions).toEqual([['/a', '']]);
  });

  it('refuses what is cut off or is something else, and never reads past the end', () => {
    for (let length = 0; length < PAGE.length - 4; length++) {
      expect(() => read(PAGE.subarray(0, length))).toThrow(KubeFault);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          read(Buffer.concat([Buffer.from('k8s\0'), bytes]));
        } catch (error) {
          expect(error).toBeInstanceOf(KubeFault);
        }
      }),
    );
  });
});
