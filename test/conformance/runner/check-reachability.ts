import { corpusClient } from './corpus-semantics.js';
import type { ExpectedCase, ExpectedEvaluation, ExpectedQuery } from './case.js';
import type { DirectionFinding, Finding, Outcome, Probe, SystemUnderTest } from './system-under-test.js';

/** All that is wrong with the answers to a reachability case, one line each; none when it passes. */
export function checkReachability<E>(expected: ExpectedCase, system: SystemUnderTest<E>): string[] {
  const problems = allQueries(expected).flatMap((query) => checkQuery(query, system, corpusClient(expected)));
  for (const evaluation of expected.evaluations ?? []) problems.push(...checkEvaluation(evaluation, system));
  return problems;
}

function allQueries(expected: ExpectedCase): ExpectedQuery[] {
  const queries = [...(expected.queries ?? [])];
  const table = expected.queryTable;
  for (const [from, to, letters] of table?.rows ?? []) {
    for (const [index, [protocol, port]] of (table?.probes ?? []).entries()) {
      const letter = letters[index];
      if (letter === 'X' || letter === '.') queries.push({ from, to, protocol, port, allowed: letter === 'X' });
    }
  }
  return queries;
}

function describeQuery(query: ExpectedQuery): string {
  const port = query.port === null ? query.protocol : `${query.protocol}/${query.port}`;
  return `${query.from} → ${query.to} ${port}${query.reading === 'intended' ? ' as written' : ''}`;
}

function probeOf(query: ExpectedQuery, base: Partial<Probe>): Probe {
  const headers = query.http?.headers;
  return {
    ...base,
    protocol: query.protocol,
    port: query.port,
    ...(query.icmp === undefined ? {} : { icmp: query.icmp }),
    ...(query.sni === undefined ? {} : { sni: query.sni }),
    ...(query.reading === undefined ? {} : { reading: query.reading }),
    ...(query.http === undefined
      ? {}
      : {
          http: {
            ...query.http,
            headers: Array.isArray(headers)
              ? headerMap(headers as string[])
              : ((headers ?? {}) as Record<string, string>),
          },
        }),
  };
}

/** `Name: value` lines as a map. */
function headerMap(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(lines.map((line) => [line.split(':')[0] ?? '', line.slice(line.indexOf(':') + 1).trim()]));
}

function checkQuery<E>(query: ExpectedQuery, system: SystemUnderTest<E>, client: Partial<Probe>): string[] {
  const probe = probeOf(query, client);
  const sources = system.resolve(query.from);
  const destinations = system.destinations(query.to, probe);
  if (sources.length === 0) return [`${describeQuery(query)}: \`${query.from}\` is not in the cluster`];
  if (destinations.length === 0) return [`${describeQuery(query)}: \`${query.to}\` leads nowhere`];
  const problems: string[] = [];
  for (const source of sources) {
    for (const destination of destinations) {
      const problem = judge(query, system.evaluate(source, destination.endpoint, destination.probe));
      if (problem !== null) problems.push(`${describeQuery(query)}: ${problem}`);
    }
  }
  return problems;
}

function judge(query: ExpectedQuery, finding: Finding): string | null {
  const wanted: Outcome = query.undetermined === true ? 'unknown' : query.allowed ? 'allow' : 'deny';
  if (finding.verdict !== wanted) return `expected ${wanted}, got ${finding.verdict} (${finding.summary})`;
  for (const direction of ['egress', 'ingress'] as const) {
    const stated = query[direction];
    if (stated !== undefined && finding[direction].verdict !== (stated ? 'allow' : 'deny')) {
      return `expected ${direction} ${stated ? 'allow' : 'deny'}, got ${finding[direction].verdict}`;
    }
  }
  if (query.verdict === 'L7Deny' && !finding.requestDenied)
    return 'expected the request to be refused, not the connection';
  if (query.verdict !== 'L7Deny' && !query.allowed && finding.requestDenied) {
    return 'expected the connection to be refused, not the request';
  }
  return judgeDenial(query, finding) ?? judgeRefusal(query, finding) ?? judgeBecause(query, finding);
}

/** Drop and Reject look different to the client. Isolation drops, and so does a rule that does not tell. */
function judgeRefusal(query: ExpectedQuery, finding: Finding): string | null {
  if (query.verdict !== 'Drop' && query.verdict !== 'Reject') return null;
  const side = finding.egress.verdict === 'deny' ? finding.egress : finding.ingress;
  const wanted = query.verdict === 'Drop' ? 'drop' : 'reject';
  const refusal = side.refusal ?? 'drop';
  return refusal === wanted ? null : `expected it to be refused by ${wanted}, got ${refusal} (${finding.summary})`;
}

function judgeDenial(query: ExpectedQuery, finding: Finding): string | null {
  if (query.denied === undefined) return null;
  const { direction, reason } = query.denied;
  const side = finding[direction];
  if (side.verdict !== 'deny') return `expected ${direction} to deny, got ${side.verdict}`;
  const explicit = !side.isolated;
  if (explicit !== (reason === 'explicit')) {
    return `expected a denial by ${reason}, got ${explicit ? 'explicit' : 'default'}`;
  }
  return null;
}

/**
 * The reason of a scenario names policies in backticks: `policy` or `policy#rule`. Each must be among those that settled
 * the flow; words outside backticks are for the reader.
 */
function judgeBecause(query: ExpectedQuery, finding: Finding): string | null {
  const named = [...(query.because ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] as string);
  if (named.length === 0) return null;
  const rules = [...finding.egress.rules, ...finding.ingress.rules];
  const labels = new Set(rules.map((rule) => (rule.index < 0 ? rule.name : `${rule.name}#${rule.index}`)));
  const missing = named.filter((label) => !labels.has(label));
  return missing.length === 0
    ? null
    : `expected it to be settled by ${missing.join(', ')}, got ${[...labels].join(', ') || 'no rule'}`;
}

/** Which policy decides for a pair. The corpora state the ingress side and the egress side alike: the one that decides. */
function checkEvaluation<E>(evaluation: ExpectedEvaluation, system: SystemUnderTest<E>): string[] {
  const [source] = system.resolve(evaluation.from);
  const [destination] = system.resolve(evaluation.to);
  const what = `${evaluation.from} → ${evaluation.to} decided by`;
  if (source === undefined || destination === undefined) return [`${what}: a side is not in the cluster`];
  const finding = system.evaluate(source, destination, { protocol: 'TCP', port: 80 });
  const side = decidingSide(finding);
  const policy = side?.rules[0]?.name ?? '<NONE>';
  if (policy !== evaluation.policy) return [`${what}: expected ${evaluation.policy}, got ${policy}`];
  const denies = ['Drop', 'Reject', 'Isolate'].includes(evaluation.action);
  if (side !== null && (side.verdict === 'deny') !== denies) {
    return [`${what}: expected ${evaluation.action}, got ${side.verdict}`];
  }
  if (side !== null && denies && side.isolated !== (evaluation.action === 'Isolate')) {
    return [`${what}: expected ${evaluation.action}, got ${side.isolated ? 'isolation' : 'a rule'}`];
  }
  return [];
}

/** A denying side decides; else the side where a rule allowed. */
function decidingSide(finding: Finding): DirectionFinding | null {
  for (const side of [finding.egress, finding.ingress]) if (side.verdict === 'deny') return side;
  for (const side of [finding.ingress, finding.egress]) if (side.rules.length > 0) return side;
  return null;
}
