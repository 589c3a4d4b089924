import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

import type { ElkNode } from 'elkjs';

export type { ElkEdgeSection, ElkExtendedEdge, ElkNode } from 'elkjs';

/** The layout runs beside the thread that answers: a picture of many nodes takes longer than a request may hold it. */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
const Elk = require(workerData);
const elk = new Elk();
parentPort.on('message', ({ id, graph }) => {
  elk.layout(graph).then(
    (laid) => parentPort.postMessage({ id, graph: laid }),
    (error) => parentPort.postMessage({ id, error: String(error) }),
  );
});`;

interface Waiting {
  resolve(graph: ElkNode): void;
  reject(error: Error): void;
}

type Reply = { readonly id: number } & ({ readonly graph: ElkNode } | { readonly error: string });

let worker: Worker | null = null;
let lastId = 0;
const waiting = new Map<number, Waiting>();

/** Places nodes and bends edges. The thread is started by the first picture and does not keep the process alive. */
export function layOut(graph: ElkNode): Promise<ElkNode> {
  const thread = (worker ??= startWorker());
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    thread.ref();
    thread.postMessage({ id, graph });
  });
}

function startWorker(): Worker {
  const thread = new Worker(PROGRAM, { eval: true, workerData: createRequire(import.meta.url).resolve('elkjs') });
  thread.on('message', (reply: Reply) => {
    const asked = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (waiting.size === 0) thread.unref();
    if ('graph' in reply) asked?.resolve(reply.graph);
    else asked?.reject(new Error(`the picture could not be laid out: ${reply.error}`));
  });
  thread.on('error', (error: Error) => {
    worker = null;
    for (const asked of waiting.values()) asked.reject(error);
    waiting.clear();
  });
  return thread;
}
