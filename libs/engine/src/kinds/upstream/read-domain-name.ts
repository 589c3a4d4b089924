import type { Json } from '../../base/index.js';
import type { Selector } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';

const DOMAIN_NAME =
  /^(?=.{1,255}$)(\*\.)?([a-zA-Z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.)+[a-zA-Z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.?$/;

/** A name, or `*.` and a name; an error and null for anything else. */
export function readDomainName(value: Json, at: string, problems: ProblemList): string | null {
  if (typeof value === 'string' && DOMAIN_NAME.test(value)) return value;
  const message = `expected a domain name such as \`example.com\` or \`*.example.com\`, found ${describe(value)}`;
  problems.error('adminpolicy.domain_name', at, message);
  return null;
}

/** What is reached by the name. A leading `*.` stands for one or more labels, so the name itself is not meant. */
export function domainNameSelector(pattern: string): Selector {
  const dialect = pattern.startsWith('*.') ? 'labels-any-depth' : 'exact';
  return { type: 'hostName', pattern: { dialect, pattern } };
}
