import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';

import { compileSnapshot } from '#engine';
import { BenchReport } from './bench-row.js';
import type { Goal } from './bench-row.js';
import { mixedShape, tiersShape } from './clusters.js';
import type { Cluster } from './clusters.js';
import { measureColdProcess } from './cold-process.js';
import {
  OUTSIDE_BLOCKS,
  countedPairs,
  factsOf,
  measureAllPairs,
  measureBlast,
  measureChanges,
  measureDrift,
  measureQuestions,
  measureSize,
} from './measures.js';
import { adversarialShape, antreaShape, mixedKindShape, openshiftShape } from './more-clusters.js';
import { comparePeers, PUBLISHED } from './peers/compare-peers.js';

const USAGE = `Usage: npm run -s bench -- [--only NAME]… [--json FILE] [--without-peers]

Speed and size of the engine on synthetic clusters. Times are processor time of the
process with all its threads, the least of several runs, so that a busy machine changes them little; of changes, which
cannot be run again, the clock where it shows less. Counts of allowed pairs are compared with peers first: a fast wrong
answer would be worth nothing.

  --only NAME      measure this fixture alone; may be given more than once
  --json FILE      write rows of {name, fixture, value, unit, reference, ratio, target, met}
  --without-peers  do not run other analysers (cyclonus is built with Go on first use; np-guard's runs when
                   NETPOL_ANALYZER_BIN names its binary)
  --list           print the fixtures
  --help           print this
`;

const FIXTURES: readonly (readonly [string, () => Cluster])[] = [
  ['tiers-100', () => tiersShape(5)],
  ['tiers-500', () => tiersShape(25)],
  ['tiers-1000', () => tiersShape(50)],
  ['tiers-10000', () => tiersShape(500)],
  ['tiers-100000', () => tiersShape(5000)],
  ['mixed-102', () => mixedShape(5, 20, 1, 5, 5)],
  ['mixed-1002', () => mixedShape(50, 20, 1, 5, 5)],
  ['mixed-10002', () => mixedShape(500, 20, 1, 5, 5)],
  ['mixed-100002', () => mixedShape(1000, 20, 5, 5, 5)],
  ['openshift-2400', () => openshiftShape()],
  ['antrea-100000', () => antreaShape()],
  ['adversarial-2000', () => adversarialShape()],
  ['kinds-1000', () => mixedKindShape()],
];

function main(): number {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      json: { type: 'string' },
      'without-peers': { type: 'boolean' },
      list: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) process.stdout.write(USAGE);
  else if (values.list === true) process.stdout.write(`${FIXTURES.map(([name]) => name).join('\n')}\n`);
  else {
    const unknown = values.only?.find((name) => !FIXTURES.some(([known]) => known === name));
    if (unknown !== undefined) {
      process.stderr.write(`no fixture \`${unknown}\`, see --list\n`);
      return 2;
    }
    run(values.only ?? FIXTURES.map(([name]) => name), values['without-peers'] !== true, values.json ?? null);
  }
  return 0;
}

function run(names: readonly string[], withPeers: boolean, json: string | null): void {
  const load = loadavg()[0] ?? 0;
  process.stdout.write(`Node ${process.version}, ${availableParallelism()} cores, load ${load.toFixed(1)}\n`);
  const report = new BenchReport();
  for (const [name, make] of FIXTURES) if (names.includes(name)) measure(make(), report, withPeers);
  report.write(json);
  const judged = report.rows.filter(({ met }) => met !== null);
  process.stdout.write(`${judged.filter(({ met }) => met === true).length} of ${judged.length} targets met\n`);
}

function measure(cluster: Cluster, report: BenchReport, withPeers: boolean): void {
  const { name } = cluster;
  measureSize(cluster, report);
  const facts = factsOf(cluster);
  const snapshot = compileSnapshot(facts, OUTSIDE_BLOCKS);
  comparePeers(cluster, facts, countedPairs(snapshot), report, withPeers);
  measureAllPairs(cluster, facts, report, allPairsGoal(cluster));
  measureColdProcess(cluster, report);
  measureQuestions(snapshot, report, name);
  measureChanges(facts, report, name);
  measureDrift(facts, report, name, cluster.pods);
  measureBlast(snapshot, report, name);
}

function allPairsGoal({ name }: Cluster): Goal {
  const listMs = PUBLISHED[name]?.listMs;
  const reference =
    listMs === undefined ? {} : { reference: { name: "np-guard's list, published figure", value: listMs } };
  switch (name) {
    case 'tiers-1000':
    case 'mixed-1002':
      return { atMost: 50, ratioAtLeast: 1000, ...reference };
    case 'tiers-10000':
      return { atMost: 300 };
    case 'tiers-100000':
      return { atMost: 500 };
    default:
      return reference;
  }
}

process.exitCode = main();
