import { pipeline } from 'node:stream/promises';
import { Readable, Writable } from 'node:stream';
import { createGzip } from 'node:zlib';

import type { FactBatch } from '#ingest';

const CHUNK_CHARACTERS = 256 * 1024;

/** A batch as it travels: gzipped lines of JSON, with its head first and the number of its changes last. */
export async function batchBody(batch: FactBatch): Promise<Buffer> {
  const packed: Buffer[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      packed.push(chunk);
      done();
    },
  });
  await pipeline(Readable.from(chunks(batch)), createGzip({ level: 6 }), sink);
  return Buffer.concat(packed);
}

/** Lines in pieces large enough that packing costs little. */
function* chunks(batch: FactBatch): Generator<Buffer> {
  let text = '';
  for (const line of lines(batch)) {
    text += `${JSON.stringify(line)}\n`;
    if (text.length < CHUNK_CHARACTERS) continue;
    yield Buffer.from(text, 'utf8');
    text = '';
  }
  yield Buffer.from(text, 'utf8');
}

function* lines({ upserts, deletes, replace, completeness, takenAt }: FactBatch): Generator {
  yield { replace, completeness, takenAt };
  for (const upsert of upserts) yield { upsert };
  for (const { group, kind, namespace, name } of deletes) yield { delete: { group, kind, namespace, name } };
  yield { end: upserts.length + deletes.length };
}
