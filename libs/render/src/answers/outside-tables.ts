import { counted, peerLabel, type BlastView, type EntryPoint, type ExposureView, type PredictedFix } from '#engine';

import { LANDMARKS } from './blast-graph.js';
import type { Column, Table } from '../table/table.js';

const ENTRY_COLUMNS: readonly Column[] = [
  { title: 'verdict' },
  { title: 'via' },
  { title: 'object' },
  { title: 'listens' },
  { title: 'service', wide: true },
  { title: 'backends', brief: firstBackends },
  { title: 'why', wide: true },
];

function firstBackends(cell: string): string {
  const backends = cell.split(', ');
  const left = backends.length - MOST_BACKENDS;
  return left <= 1 ? cell : `${backends.slice(0, MOST_BACKENDS).join(', ')} and ${left} more`;
}

const MOST_BACKENDS = 2;

export function entryTable(entries: readonly EntryPoint[]): Table {
  return {
    columns: ENTRY_COLUMNS,
    rows: entries.map((entry) => [
      entry.verdict,
      entry.via,
      `${entry.object.kind} ${entry.object.namespace}/${entry.object.name}`,
      entry.port === null ? entry.listens : `${entry.listens} ${entry.protocol} ${entry.port}`,
      entry.service,
      entry.backends.join(', '),
      entry.why,
    ]),
  };
}

/** What the exposure of many workloads comes to, for a person. */
export function exposureHeadline(rows: readonly ExposureView[]): string {
  const count = (is: (row: ExposureView) => boolean): string => String(rows.filter(is).length);
  const open = (words: string): boolean => words !== 'none';
  return [
    counted(rows.length, 'workload'),
    `${count(({ fromInternet }) => open(fromInternet))} open to the internet`,
    `${count(({ fromAnyPod }) => open(fromAnyPod))} open to any pod`,
    `${count(({ protected: by }) => !by.ingress && !by.egress)} selected by no policy`,
    `${count(({ toInternet }) => open(toInternet))} with a way to the internet`,
  ].join(', ');
}

/** The most exposed first; those alike stay in their order. */
export function mostExposed(rows: readonly ExposureView[], most: number): readonly ExposureView[] {
  const weight = ({ fromInternet, fromAnyPod, protected: by, toInternet }: ExposureView): number =>
    openness(fromInternet) * 1_000 +
    (by.ingress || by.egress ? 0 : 500) +
    openness(fromAnyPod) * 100 +
    (by.ingress ? 0 : 50) +
    openness(toInternet);
  return rows.toSorted((a, b) => weight(b) - weight(a)).slice(0, most);
}

/** 0 for nothing, 1 for some ports, 2 for all. */
function openness(connections: string): number {
  return connections === 'none' ? 0 : connections === 'all' ? 2 : 1;
}

export function exposureTable(rows: readonly ExposureView[]): Table {
  return {
    columns: [
      { title: 'workload' },
      { title: 'kind', wide: true },
      { title: 'protected' },
      { title: 'from internet' },
      { title: 'from any pod' },
      { title: 'from selected pods', wide: true },
      { title: 'to internet' },
      { title: 'to any pod', wide: true },
    ],
    rows: rows.map((row) => [
      peerLabel(row.peer),
      row.peer.kind,
      protectedText(row.protected),
      row.fromInternet,
      row.fromAnyPod,
      row.fromSelected.map(({ selector, connections }) => `${selector}: ${connections}`).join('; '),
      row.toInternet,
      row.toAnyPod,
    ]),
  };
}

function protectedText({ ingress, egress }: ExposureView['protected']): string {
  if (ingress && egress) return 'both ways';
  return ingress ? 'ingress only' : egress ? 'egress only' : 'by no policy';
}

export function blastTable({ targets }: BlastView): Table {
  return {
    columns: [
      { title: 'hop' },
      { title: 'target' },
      { title: 'kind', wide: true },
      { title: 'endpoints' },
      { title: 'sensitive', wide: true },
      { title: 'path' },
    ],
    rows: targets.map(({ hop, peer, endpoints, sensitive, path }) => [
      String(hop),
      peerLabel(peer),
      peer.kind,
      String(endpoints),
      sensitive ? 'yes' : '',
      path.join(' → '),
    ]),
  };
}

/** How much of each namespace is within reach: what is left to read of very many targets. */
export function reachTable({ byNamespace }: BlastView): Table {
  return {
    columns: [{ title: 'namespace' }, { title: 'endpoints' }, { title: 'of' }],
    rows: byNamespace.map(({ namespace, reached, total }) => [
      namespace === '' ? '(nodes)' : namespace,
      String(reached),
      String(total),
    ]),
  };
}

/** What the counts of a blast radius are, for a person. */
export function blastHeadline(blast: BlastView): string {
  const { starts, reached, of, byHop, sensitive, landmarks } = blast;
  const who =
    blast.direction === 'from'
      ? `${blast.start} can reach ${reached} of ${of} endpoints`
      : `${reached} of ${of} endpoints can reach ${blast.start}`;
  const hops = byHop.map((count, index) => `hop ${index + 1}: ${count}`).join(', ');
  const together = starts > 1 ? ` (${starts} taken as one)` : '';
  return [
    `${who}${together}${hops === '' ? '' : `; ${hops}`}${sensitive > 0 ? `; ${sensitive} sensitive` : ''}`,
    ...landmarks.map(({ name, state, hop, via }) => {
      const way = hop === null ? '' : ` at hop ${hop} by ${via.join(' → ')}`;
      return `${LANDMARKS[name] ?? name}: ${state}${way}`;
    }),
  ].join('\n');
}

/** The fixes of an answer with what they would open and close, applied one after the other, for a person. */
export function fixesText(fixes: readonly PredictedFix[]): string {
  return fixes
    .flatMap(({ title, prediction }, index) => {
      if (prediction === null) return [`Predicted: ${title}: no manifest, so nothing is predicted`];
      const list = (word: string, pairs: number, lines: readonly string[]): string[] =>
        pairs === 0
          ? [`  ${word} nothing`]
          : [`  ${word} ${counted(pairs, 'pair')}`, ...lines.map((line) => `    ${line}`)];
      return [
        `Predicted: ${index === 0 ? '' : 'then '}${title}`,
        ...list('opens', prediction.opened, prediction.opens),
        ...list('closes', prediction.closed, prediction.closes),
      ];
    })
    .join('\n');
}
