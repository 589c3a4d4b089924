import type { Condition, L7Question, L7Rule, TextTest } from '../model/index.js';
import type { ReadyEntry } from '../compile/ready-entry.js';

/** A text that no policy is likely to name. */
const UNNAMED = 'any-other';
const MOST_EXAMPLES = 200;

type RequestCondition = Extract<Condition, { type: 'l7' }>;

export const asksOfRequests = ({ rule }: ReadyEntry): boolean => rule.conditions.some(({ type }) => type === 'l7');

/**
 * Requests to try where it depends on the request whether rules deny it, or which of them have a say: one that no rule
 * names, then what rules and their exceptions name. What the question tells of the request stays. None where rules only
 * allow requests, in an order that is known.
 */
export function* exampleRequests(entries: readonly ReadyEntry[], asked: L7Question = {}): Generator<L7Question> {
  if (!entries.some((entry) => asksOfRequests(entry) && (entry.rule.action === 'deny' || entry.rule.tieUndefined)))
    return;
  const conditions = entries.flatMap(({ rule }) => rule.conditions).filter((condition) => condition.type === 'l7');
  const protocols = new Set(conditions.map(({ protocol }) => protocol));
  let left = MOST_EXAMPLES;
  for (const protocol of protocols) {
    const rules = conditions.filter((condition) => condition.protocol === protocol).flatMap(everyRule);
    for (const example of combined(rules, asked)) {
      if (left-- === 0) return;
      yield { ...example, protocol: asked.protocol ?? protocol };
    }
  }
}

function everyRule({ rules }: Pick<RequestCondition, 'rules'>): readonly L7Rule[] {
  return rules.flatMap((rule) => [rule, ...everyRule({ rules: rule.except ?? [] })]);
}

function* combined(rules: readonly L7Rule[], asked: L7Question): Generator<L7Question> {
  const texts = (key: 'methods' | 'paths' | 'hosts', other: string): readonly string[] =>
    examplesOf(
      rules.flatMap((rule) => rule[key] ?? []),
      other,
    );
  const methods = asked.method === undefined ? texts('methods', UNNAMED) : [asked.method];
  const paths = asked.path === undefined ? texts('paths', `/${UNNAMED}`) : [asked.path];
  const hosts = asked.host === undefined ? texts('hosts', UNNAMED) : [asked.host];
  const fields = fieldsOf(rules);
  for (const headers of asked.headers === undefined ? headersOf(rules) : [asked.headers]) {
    for (const more of fields) {
      for (const method of methods) {
        for (const path of paths) {
          for (const host of hosts) {
            yield { method, path, host, headers, fields: { ...more, ...asked.fields } };
          }
        }
      }
    }
  }
}

/** No header at all, then every header that rules name. */
function headersOf(rules: readonly L7Rule[]): readonly Readonly<Record<string, string>>[] {
  const named = rules.flatMap((rule) => rule.headers ?? []);
  const all = named.flatMap(({ name, test }) => examplesOf([test]).map((value) => [name, value] as const));
  return all.length === 0 ? [{}] : [{}, Object.fromEntries(all)];
}

/** Values that no rule names, then one that a rule names for each field. */
function fieldsOf(rules: readonly L7Rule[]): readonly Readonly<Record<string, string>>[] {
  const named = rules.flatMap((rule) => Object.entries(rule.fields ?? {}));
  if (named.length === 0) return [{}];
  const others = named.map(([key]) => [key, UNNAMED] as const);
  const known = named.flatMap(([key, tests]) => examplesOf(tests).map((value) => [key, value] as const));
  return [Object.fromEntries(others), Object.fromEntries([...others, ...known])];
}

function examplesOf(tests: readonly TextTest[], ...others: readonly string[]): readonly string[] {
  return [...new Set([...others, ...tests.flatMap(exampleOf)])];
}

function exampleOf({ op, value }: TextTest): readonly string[] {
  switch (op) {
    case 'exact':
      return [value];
    case 'prefix':
      return [`${value}${UNNAMED}`];
    case 'suffix':
      return [`${UNNAMED}${value}`];
    case 'present':
      return [UNNAMED];
    case 'glob':
      return [value.replaceAll('*', UNNAMED)];
    case 'regex':
      // A guess, good for templates of paths and most of what people write: whether it matches is seen when it is tried.
      return [value.replace(/\[\^\/\]\+|\.[*+]/g, UNNAMED).replace(/[\\^$]/g, '')];
  }
}
