import { field, isObject, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { Condition, L7Rule } from '../../model/index.js';
import { ALL_PORTS, mergeRanges, subtractRanges } from '../../net/index.js';
import type { Ranges } from '../../net/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { readTexts, warnUnknownFields } from './fields.parse.js';
import { readMeshConfig } from './mesh-config.js';
import type { RuleContext } from './rule-context.js';
import { ANY_TERM } from './term.js';
import type { Term } from './term.js';
import { hostTest, pathTest, textTest } from './text-match.js';

const KNOWN = ['hosts', 'notHosts', 'ports', 'notPorts', 'methods', 'notMethods', 'paths', 'notPaths'];

/** Reads one `operation` (IM-18, IM-19). */
export function compileOperation(value: Json | undefined, at: string, { env, problems }: RuleContext): Term {
  if (!isObject(value)) {
    problems.error('istio.operation', at, `expected an operation, found ${describe(value)}`);
    return ANY_TERM;
  }
  warnUnknownFields(value, KNOWN, at, problems);
  const texts = (key: string): readonly string[] => readTexts(field(value, key), pointer(at, key), problems);
  const wanted = texts('ports');
  const unwanted = readPorts(texts('notPorts'), pointer(at, 'notPorts'), problems);
  const ports = wanted.length === 0 ? ALL_PORTS : readPorts(wanted, pointer(at, 'ports'), problems);
  const { pathForm } = readMeshConfig(env);
  const read = { methods: textTest, paths: (path: string) => pathTest(path, pathForm), hosts: hostTest };
  const tests = (key: keyof typeof read, values: readonly string[]): L7Rule =>
    values.length === 0 ? {} : { [key]: values.map(read[key]) };
  const rule: L7Rule = {
    ...tests('methods', texts('methods')),
    ...tests('paths', texts('paths')),
    ...tests('hosts', texts('hosts')),
  };
  const except = [
    tests('methods', texts('notMethods')),
    tests('paths', texts('notPaths')),
    tests('hosts', texts('notHosts')),
  ].filter((one) => Object.keys(one).length > 0);
  const whole: L7Rule = except.length === 0 ? rule : { ...rule, except };
  const requests: Condition[] =
    Object.keys(whole).length === 0 ? [] : [{ type: 'l7', protocol: 'http', rules: [whole] }];
  return {
    ...ANY_TERM,
    ports: subtractRanges(ports, unwanted),
    requests,
    unread: requests.length > 0,
    read: wanted.length > 0 || unwanted.length > 0,
  };
}

/** Ports are numbers written as text, those of the workload and not of a Service. */
export function readPorts(values: readonly string[], at: string, problems: ProblemList): Ranges {
  return mergeRanges(
    values.flatMap((value, index): (readonly [number, number])[] => {
      const port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
      if (port >= 1 && port <= 65535) return [[port, port]];
      const message = `expected a port from 1 to 65535, found ${describe(value)}`;
      problems.error('istio.port', pointer(at, index), message);
      return [];
    }),
  );
}
