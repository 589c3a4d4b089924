import type { Access, NamespaceScope } from '#access';

/** Adds a value to a statement's parameters and gives its placeholder. */
export type Bind = (value: unknown) => string;

/** Parameters of one statement, and the function that adds to them. */
export function parameters(...first: unknown[]): { readonly values: unknown[]; readonly bind: Bind } {
  const values = [...first];
  return { values, bind: (value) => `$${String(values.push(value))}` };
}

/** The condition on rows of `cluster` that holds for what the caller may know. */
export function clusterFilter(access: Access, bind: Bind): string {
  if (access.seesEveryCluster) return 'TRUE';
  return matchesAny(
    'name',
    access.grants.flatMap((grant) => grant.clusters.names),
    bind,
  );
}

/** The condition on rows of `job_run` that holds for what the caller may know: its own, and those of clusters it sees whole. */
export function jobFilter(access: Access, bind: Bind): string {
  if (access.seesEverything) return 'TRUE';
  const clusters = `SELECT id FROM cluster WHERE ${clusterFilter(access.whole, bind)}`;
  return `(requester = ${bind(access.caller.subject)} OR cluster_id IN (${clusters}))`;
}

/**
 * The condition on rows with `cluster_ids` (null for every cluster) that holds for who may see the whole of each of those
 * clusters that there still are.
 */
export function clusterSetFilter(access: Access, bind: Bind): string {
  if (access.seesEverything) return 'TRUE';
  const shown = clusterFilter(access.whole, bind);
  const among = 'SELECT 1 FROM cluster WHERE id = ANY(cluster_ids)';
  return `(EXISTS (${among}) AND NOT EXISTS (${among} AND NOT (${shown})))`;
}

/** The condition on rows of `object_revision` that holds for what the caller may know of their cluster. */
export function objectFilter(scope: NamespaceScope, bind: Bind): string {
  if (scope.isWhole) return 'TRUE';
  // A Namespace is where its name is: it is stored as an object without a namespace.
  const shown = matchesAny('name', globsOf(scope), bind);
  return `CASE WHEN kind = 'Namespace' THEN ${shown} ELSE ${namespaceFilter(scope, 'namespace', bind)} END`;
}

/** The condition that a column holds a namespace that the caller may know of; '' stands for none. */
export function namespaceFilter(scope: NamespaceScope, column: string, bind: Bind): string {
  if (scope.isWhole) return 'TRUE';
  const inNamespace = matchesAny(column, globsOf(scope), bind);
  return scope.seesClusterScoped ? `(${inNamespace} OR ${column} = '')` : inNamespace;
}

function globsOf(scope: NamespaceScope): readonly string[] {
  return [...scope.globs, ...scope.labelledNames];
}

function matchesAny(column: string, globs: readonly string[], bind: Bind): string {
  const isName = (glob: string): boolean => !/[*?]/.test(glob);
  // Not `LIKE` for all: a name is looked up by index, a pattern is not. '' never stands for "no namespace" here.
  const names = bind(globs.filter(isName).filter(Boolean));
  const patterns = bind(globs.filter((glob) => !isName(glob)).map(likePattern));
  return `(${column} = ANY(${names}::text[]) OR (${column} <> '' AND ${column} LIKE ANY(${patterns}::text[])))`;
}

function likePattern(glob: string): string {
  return glob
    .replace(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%')
    .replaceAll('?', '_');
}
