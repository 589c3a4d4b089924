import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { ElkNode } from 'elkjs';
import { Aside } from '../thread/aside.js';

export type { ElkEdgeSection, ElkExtendedEdge, ElkNode } from 'elkjs';

const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
const Elk = require(workerData);
const elk = new Elk();
parentPort.on('message', ({ id, question }) => {
  elk.layout(question).then(
    (answer) => parentPort.postMessage({ id, answer }),
    (error) => parentPort.postMessage({ id, error: 'the picture could not be laid out: ' + error }),
  );
});`;

const aside = new Aside<ElkNode, ElkNode>(
  () => new Worker(PROGRAM, { eval: true, workerData: createRequire(import.meta.url).resolve('elkjs') }),
);

/** Places nodes and bends edges, beside the thread that answers. */
export function layOut(graph: ElkNode): Promise<ElkNode> {
  return aside.ask(graph);
}
