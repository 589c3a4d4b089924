import type { AssertionBreach, AssertionResult } from './assertion.js';

/** Results as JUnit XML: one case for each expectation, by owner. What cannot be told is an error, not a failure. */
export function renderJUnit(suite: string, results: readonly AssertionResult[]): string {
  const count = (...outcomes: readonly string[]): number =>
    results.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const counts = `tests="${results.length}" failures="${count('fail')}" errors="${count('error', 'unknown')}"`;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${xml(suite)}" ${counts} skipped="0">`,
    ...results.flatMap(caseLines),
    '  </testsuite>',
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function caseLines(result: AssertionResult): string[] {
  const head = `    <testcase name="${xml(result.name)}" classname="${xml(result.owner || 'assertions')}"`;
  if (result.outcome === 'pass') return [`${head}/>`];
  const [tag, type] = result.outcome === 'fail' ? ['failure', 'unexpected'] : ['error', result.outcome];
  const body = result.breaches.map(breachLine).join('\n');
  return [
    `${head}>`,
    `      <${tag} type="${type}" message="${xml(breachHeadline(result))}">${xml(body)}</${tag}>`,
    '    </testcase>',
  ];
}

/** `expected denied: 2 of 6 are not`. */
export function breachHeadline({ expect, outcome, broken, checked }: AssertionResult): string {
  const what = { pass: 'are', fail: 'are not', unknown: 'cannot be told', error: 'name something that is not there' };
  return `expected ${expect}: ${outcome === 'pass' ? checked : broken} of ${checked} ${what[outcome]}`;
}

/** `shop/web → shop/db on TCP 5432: allowed (…)`. */
export function breachLine({ from, to, protocol, port, verdict, summary }: AssertionBreach): string {
  const on = port === null ? protocol : `${protocol} ${port}`;
  return `${from} → ${to} on ${on}: ${verdict ?? 'not found'} (${summary})`;
}

/** Text that is safe in an attribute and in an element. Characters that XML cannot hold become a mark. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
