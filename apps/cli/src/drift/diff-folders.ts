import {
  compileSnapshot,
  declaredFacts,
  driftReport,
  ENGINE_VERSION,
  filterDrift,
  objectDrift,
  renameNamespaces,
  type CompiledSnapshot,
  type DriftReport,
  type DriftType,
} from '#engine';

import type { ClusterProblem } from '#contracts';
import type { ExitCode } from '../exit-code.js';
import { readFolder } from '../manifests/read-folder.js';
import type { Terminal } from '../terminal.js';
import { namespaceMap, type DiffOptions } from './diff-options.js';
import { tellDrift } from './drift-output.js';
import { probeOfFolders } from './probe-command.js';

/** Compares two folders, files or archives, in this process. */
export async function diffFolders(
  before: string,
  after: string,
  options: DiffOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { report, problems, isUsual } = await compareFolders(before, after, options, terminal);
  const { dangerous, breaking, type, kind, namespace } = options;
  const wanted = filterDrift(report, {
    dangerous,
    breaking,
    namespace,
    types: type.length === 0 ? undefined : (type as readonly DriftType[]),
    kinds: kind.length === 0 ? undefined : kind,
  });
  const extra = { problems, engineVersion: ENGINE_VERSION };
  const probe = isUsual ? probeOfFolders(before, after, options) : '';
  return tellDrift({ report: wanted, title: 'Network drift', extra, probe }, options.output, options.failOn, terminal);
}

interface FolderDrift {
  readonly report: DriftReport;
  /** The later folder as it was compiled. */
  readonly after: CompiledSnapshot;
  readonly problems: readonly ClusterProblem[];
  /** Whether it is of the reading that is taken when none is named, as a probe does. */
  readonly isUsual: boolean;
}

/** The report on two folders. */
export async function compareFolders(
  before: string,
  after: string,
  { mapNamespace, reading }: Pick<DiffOptions, 'mapNamespace' | 'reading'>,
  terminal: Terminal,
): Promise<FolderDrift> {
  const [was, is] = [await readFolder(before, terminal), await readFolder(after, terminal)];
  const earlier = renameNamespaces(was.facts, namespaceMap(mapNamespace));
  const states = [compileSnapshot(earlier), compileSnapshot(is.facts)] as const;
  const usual = readingOf(states);
  const report = driftReport({
    before: states[0],
    after: states[1],
    objects: objectDrift(declaredFacts(earlier), declaredFacts(is.facts)),
    reading: reading ?? usual,
  });
  const problems = [...was.problems, ...is.problems];
  return { report, after: states[1], problems, isUsual: report.reading === usual };
}

/** Folders seldom tell what enforces policy; then what policy says is all there is to compare. */
export function readingOf(states: readonly CompiledSnapshot[]): 'intended' | 'enforced' {
  return states.every(({ cni }) => cni.enforced !== 'unknown') ? 'enforced' : 'intended';
}
