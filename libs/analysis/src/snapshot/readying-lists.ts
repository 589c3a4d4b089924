import { openConnections, type CompiledSnapshot, type ConnectionsQuestion } from '#engine';

const EVERY_POD: ConnectionsQuestion = {
  by: 'pod',
  reading: 'enforced',
  verdict: 'allow',
  source: null,
  destination: null,
  focus: [],
  protocol: null,
  ports: null,
  outside: false,
  nodes: false,
};

/**
 * Makes what a list of connections needs of a snapshot, up to its first rows, so that whoever asks for one does not wait for it,
 * nor for code that runs the first time. The way there may pause at each null.
 */
export function* readyingLists(snapshot: CompiledSnapshot): Generator<null, void> {
  const list = yield* openConnections(snapshot, EVERY_POD);
  if ('error' in list) return;
  for (const rows of list.found.rows()) {
    if (rows !== null) return;
    yield null;
  }
}
