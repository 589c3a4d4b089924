/**
 * Which labels make a pod's identity: others are never seen by selectors. The agent's built-in list, then the patterns
 * of the `labels` switch; each is `source:pattern`, `pattern`, and `!` before the pattern leaves labels out.
 * A label counts when its longest including match is longer than its shortest excluding one, or when nothing excludes
 * it and no pattern of the user includes anything (cilium/cilium pkg/labelsfilter).
 */
export type IdentityFilter = (source: string, key: string) => boolean;

interface Pattern {
  readonly source: string;
  readonly excludes: boolean;
  readonly test: RegExp;
}

const BUILT_IN: readonly string[] = [
  'io\\.kubernetes\\.pod\\.namespace',
  'io\\.cilium\\.k8s\\.namespace\\.labels',
  'app\\.kubernetes\\.io',
  'io\\.cilium\\.k8s\\.policy\\.cluster',
  '!io\\.kubernetes',
  '!kubernetes\\.io',
  '!statefulset\\.kubernetes\\.io/pod-name',
  '!apps\\.kubernetes\\.io/pod-index',
  '!batch\\.kubernetes\\.io/job-completion-index',
  '!.*beta\\.kubernetes\\.io',
  '!k8s\\.io',
  '!pod-template-generation',
  '!pod-template-hash',
  '!controller-revision-hash',
  '!annotation.*',
  '!etcd_node',
];
const PATTERN_LIMIT = 200;

/** The filter that a `labels` switch makes; '' is the built-in list alone. Patterns that cannot be read do nothing. */
export function identityFilter(labels: string): IdentityFilter {
  const own = labels.split(/\s+/).flatMap(readPattern);
  const patterns = [...BUILT_IN.flatMap(readPattern), ...own];
  const onlyIncluded = own.some((pattern) => !pattern.excludes);
  const known = new Map<string, boolean>();
  return (source, key) => {
    const name = `${source}:${key}`;
    let counts = known.get(name);
    if (counts === undefined) known.set(name, (counts = decide(patterns, onlyIncluded, source, key)));
    return counts;
  };
}

function decide(patterns: readonly Pattern[], onlyIncluded: boolean, source: string, key: string): boolean {
  let included = 0;
  let excluded = 0;
  for (const pattern of patterns) {
    if (pattern.source !== '' && pattern.source !== source) continue;
    const found = pattern.test.exec(key);
    if (found?.index !== 0) continue;
    const length = found[0].length;
    if (!pattern.excludes) included = Math.max(included, length);
    else if (excluded === 0 || length < excluded) excluded = length;
  }
  return (!onlyIncluded && excluded === 0) || included > excluded;
}

function readPattern(text: string): Pattern[] {
  if (text === '' || text.length > PATTERN_LIMIT) return [];
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  const excludes = rest.startsWith('!');
  try {
    const test = new RegExp(excludes ? rest.slice(1) : rest);
    return [{ source: colon < 0 ? '' : text.slice(0, colon), excludes, test }];
  } catch {
    return [];
  }
}
