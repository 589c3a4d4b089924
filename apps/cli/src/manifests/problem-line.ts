import type { ClusterProblem } from '#contracts';

/** `shop/web.yaml:12 document 2 Service shop/web /spec/ports/0: message`, without the parts that are not known. */
export function problemLine(problem: ClusterProblem): string {
  const line = typeof problem.line === 'number' ? `:${String(problem.line)}` : '';
  const place = [
    problem.file ? `${problem.file}${line}` : '',
    typeof problem.document === 'number' ? `document ${String(problem.document)}` : '',
    problem.object ?? '',
    problem.pointer ?? '',
  ].filter((part) => part !== '');
  return place.length === 0 ? problem.message : `${place.join(' ')}: ${problem.message}`;
}
