import type { Condition, L7Question, L7Rule, TextTest } from '../model/index.js';
import type { ReadyEntry } from '../compile/ready-entry.js';
import { asksWhetherCarried } from './match-condition.js';

/** A text that no policy is likely to name. */
const UNNAMED = 'any-other';
const MOST_EXAMPLES = 200;

type RequestCondition = Extract<Condition, { type: 'l7' }>;

export const asksOfRequests = ({ rule }: ReadyEntry): boolean => rule.conditions.some(({ type }) => type === 'l7');

/**
 * Requests to try where it depends on the request whether rules deny it, or which of them have a say, or where some rules
 * are for connections that the mesh carries: one that no rule names, what each rule or exception names by itself, then
 * what they name taken together. What the question tells of the request stays. None where rules only allow requests, in
 * an order that is known.
 */
export function* exampleRequests(entries: readonly ReadyEntry[], asked: L7Question = {}): Generator<L7Question> {
  if (!entries.some((entry) => asksOfRequests(entry) && isInDispute(entry))) return;
  const conditions = entries.flatMap(({ rule }) => rule.conditions).filter((condition) => condition.type === 'l7');
  for (const protocol of new Set(conditions.map((condition) => condition.protocol))) {
    const rules = conditions.filter((condition) => condition.protocol === protocol).flatMap(everyRule);
    const tried = new Set<string>();
    for (const examples of [ofOneRule(rules, asked), combined(rules, asked)]) {
      let left = MOST_EXAMPLES;
      for (const example of examples) {
        if (left-- === 0) break;
        const key = JSON.stringify(example);
        if (tried.has(key)) continue;
        tried.add(key);
        yield { protocol: asked.protocol ?? protocol, ...example };
      }
    }
  }
}

const isInDispute = ({ rule }: ReadyEntry): boolean =>
  rule.action === 'deny' || rule.tieUndefined || asksWhetherCarried(rule);

/** Rules, and their exceptions with what these leave to their rule. */
function everyRule({ rules }: Pick<RequestCondition, 'rules'>): readonly L7Rule[] {
  return rules.flatMap(({ except = [], ...rule }) => [
    rule,
    ...everyRule({ rules: except.map((exception) => Object.assign({}, rule, exception)) }),
  ]);
}

/** What no rule names, then the first of what each names, all of a rule in one request; then the second, and so on. */
function* ofOneRule(rules: readonly L7Rule[], asked: L7Question): Generator<L7Question> {
  const [fields] = fieldsOf(rules);
  const all = [{}, ...rules].map((rule) => {
    const { methods, paths, hosts } = textsOf([rule], asked, 'if none');
    const known = Object.assign({}, fields, fieldsOf([rule]).at(-1), asked.fields);
    const headers = asked.headers ?? headersOf([rule]).at(-1);
    return {
      methods,
      paths,
      hosts,
      ...(headers === undefined ? {} : { headers }),
      fields: known,
      count: Math.max(methods.length, paths.length, hosts.length),
    };
  });
  const most = all.reduce((longest, { count }) => Math.max(longest, count), 0);
  for (let at = 0; at < most; at++) {
    for (const { methods, paths, hosts, count, ...rest } of all) {
      const nth = (texts: readonly string[]): string => texts[at % texts.length] as string;
      if (at < count) yield { method: nth(methods), path: nth(paths), host: nth(hosts), ...rest };
    }
  }
}

function* combined(rules: readonly L7Rule[], asked: L7Question): Generator<L7Question> {
  const { methods, paths, hosts } = textsOf(rules, asked, 'too');
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

/** Texts that meet tests of the rules, or what the question has; and whether those that no rule names are among them. */
function textsOf(
  rules: readonly L7Rule[],
  asked: L7Question,
  unnamed: 'too' | 'if none',
): Readonly<Record<'methods' | 'paths' | 'hosts', readonly string[]>> {
  const texts = (key: 'methods' | 'paths' | 'hosts', told: string | undefined, other: string): readonly string[] => {
    if (told !== undefined) return [told];
    const tests = rules.flatMap((rule) => rule[key] ?? []);
    return unnamed === 'too' || tests.length === 0 ? examplesOf(tests, other) : examplesOf(tests);
  };
  return {
    methods: texts('methods', asked.method, UNNAMED),
    paths: texts('paths', asked.path, `/${UNNAMED}`),
    hosts: texts('hosts', asked.host, UNNAMED),
  };
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
