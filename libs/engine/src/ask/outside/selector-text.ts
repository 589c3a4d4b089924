import type { Selector } from '../../model/index.js';

type LabelTest = Extract<Selector, { type: 'label' }>;

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** Whom a selector chooses, in words: `namespace shop and pod app=web`. Empty for what chooses every pod. */
export function selectorText(selector: Selector): string {
  const tests = conjuncts(selector).filter(({ type }) => type !== 'all' && type !== 'kind');
  return [...new Set(tests.map(testText))].sort(byWhatIsSaid).join(' and ');
}

/** The namespace first, then its pods, then what is said of both. */
function byWhatIsSaid(a: string, b: string): number {
  const place = (text: string): number => ['namespace ', 'pod '].findIndex((word) => text.startsWith(word)) >>> 0;
  return place(a) - place(b) || (a < b ? -1 : 1);
}

function conjuncts(selector: Selector): readonly Selector[] {
  return selector.type === 'and' ? selector.of.flatMap(conjuncts) : [selector];
}

function testText(test: Selector): string {
  switch (test.type) {
    case 'all':
      return 'anything';
    case 'none':
      return 'nothing';
    case 'and':
      return selectorText(test);
    case 'or':
      return `(${test.of.map(selectorText).join(' or ')})`;
    case 'not':
      return notText(test.of);
    case 'kind':
      return test.kinds.join(' or ');
    case 'namespace':
      return `namespace ${test.names.join(' or ')}`;
    case 'label':
      return labelText(test);
    case 'serviceAccount':
      return `service account ${test.names.join(' or ')}`;
    case 'nodeName':
      return `node ${test.names.join(' or ')}`;
    case 'endpoint':
      return test.names.map((name) => `${test.namespace}/${name}`).join(' or ');
    case 'cidr':
      return test.except.length === 0 ? test.cidr : `${test.cidr} but ${test.except.join(', ')}`;
    case 'hostName':
      return `name ${test.pattern.pattern}`;
    case 'special':
      return test.names.join(' or ');
    case 'same':
      return test.as === 'namespaceLabels' ? `namespace with the same ${test.keys.join(', ')}` : `the same ${test.as}`;
    case 'unknown':
      return test.why;
  }
}

const OPPOSITE = { in: 'notIn', notIn: 'in', exists: 'notExists', notExists: 'exists' } as const;

function notText(test: Selector): string {
  const op = test.type === 'label' && test.op in OPPOSITE ? OPPOSITE[test.op as keyof typeof OPPOSITE] : null;
  return op === null ? `not (${selectorText(test)})` : labelText({ ...(test as LabelTest), op });
}

function labelText({ owner, key, op, values }: LabelTest): string {
  const [only = ''] = values;
  if (owner === 'namespace' && key === NAME_LABEL && op === 'in') return `namespace ${values.join(' or ')}`;
  const whose = owner === 'serviceAccount' ? 'service account' : owner;
  const listed = values.length === 1 ? only : `(${values.join(', ')})`;
  switch (op) {
    case 'in':
      return `${whose} ${key}${values.length === 1 ? '=' : ' in '}${listed}`;
    case 'notIn':
      return `${whose} ${key}${values.length === 1 ? '!=' : ' not in '}${listed}`;
    case 'exists':
      return `${whose} has ${key}`;
    case 'notExists':
      return `${whose} has no ${key}`;
    case 'contains':
      return `${whose} ${key} contains ${listed}`;
    case 'startsWith':
      return `${whose} ${key} starts with ${listed}`;
    case 'endsWith':
      return `${whose} ${key} ends with ${listed}`;
  }
}
