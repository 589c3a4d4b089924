import { createInterface } from 'node:readline';
import { Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AppError, agentBatchHead, agentBatchLine, parseInput } from '#contracts';
import { WATCHED_KINDS, kindId, type Fact, type ObjectRef } from '#engine';
import { factFromText, type FactBatch } from '#store';

/** Largest batch when unpacked. */
const MAX_CHARACTERS = 256 * 1024 * 1024;
const KINDS: ReadonlySet<string> = new Set(WATCHED_KINDS.map(kindId));

/** A batch as an agent sent it. Throws `request.invalid` for one that is damaged, cut short, too large, or of other kinds. */
export async function readAgentBatch(bytes: Uint8Array): Promise<FactBatch> {
  const upserts: Fact[] = [];
  const deletes: ObjectRef[] = [];
  let head: ReturnType<typeof agentBatchHead.parse> | null = null;
  let isWhole = false;
  let characters = 0;
  for await (const line of linesOf(bytes)) {
    characters += line.length;
    if (characters > MAX_CHARACTERS) throw damaged('it is too large when unpacked');
    if (isWhole) throw damaged('it goes on after its end');
    const value = json(line);
    if (head === null) {
      head = parseInput(agentBatchHead, value);
      continue;
    }
    const change = parseInput(agentBatchLine, value);
    if ('end' in change) {
      isWhole = true;
      if (change.end !== upserts.length + deletes.length) throw damaged('changes are missing');
    } else if ('delete' in change) deletes.push(known(change.delete));
    else {
      known(change.upsert.meta);
      // The maps of a fact have no prototype: what was checked is read once more into that form.
      upserts.push(factFromText(JSON.stringify(change.upsert)));
    }
  }
  if (head === null || !isWhole) throw damaged('its end is missing');
  const completeness = Object.fromEntries(
    Object.entries(head.completeness).map(([kind, { complete, reason }]) => [
      kind,
      reason === undefined ? { complete } : { complete, reason },
    ]),
  );
  return { upserts, deletes, replace: head.replace, completeness, takenAt: new Date(head.takenAt) };
}

function known<T extends { readonly group: string; readonly kind: string }>(ref: T): T {
  if (KINDS.has(kindId(ref))) return ref;
  throw damaged(`\`${kindId(ref)}\` is not a kind that is kept`);
}

async function* linesOf(bytes: Uint8Array): AsyncGenerator<string> {
  const unpacked = createGunzip();
  let fault: Error | null = null;
  pipeline(Readable.from([Buffer.from(bytes)]), unpacked, (error) => {
    fault = error ?? null;
  });
  try {
    for await (const line of createInterface({ input: unpacked, crlfDelay: Infinity })) yield line;
  } catch (error) {
    if (error instanceof AppError) throw error;
    fault = error as Error;
  } finally {
    unpacked.destroy();
  }
  if (fault !== null) throw damaged('it is not gzip, or was cut short');
}

function json(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    throw damaged('a line is not JSON');
  }
}

function damaged(why: string): AppError {
  return new AppError('request.invalid', `the batch cannot be read: ${why}; send it again`);
}
