import { assertNever } from '../base/index.js';
import type { Selector } from '../model/index.js';
import { parseCidr } from '../net/index.js';
import { SOME_POD } from './endpoint.js';
import type { Endpoint } from './endpoint.js';
import { compileSelector, MAYBE, NO, YES } from './match-selector.js';
import type { Tri } from './match-selector.js';

/** Whether a selector of a rule chooses a peer. */
export function matchPeer(selector: Selector, peer: Endpoint, subject: Endpoint): Tri {
  return peer === SOME_POD ? matchSomePod(selector, subject) : compileSelector(selector)(peer, subject);
}

/** Whether a selector chooses a pod of which nothing is known: certain only where it chooses all pods, or none. */
export function matchSomePod(selector: Selector, subject: Endpoint): Tri {
  switch (selector.type) {
    case 'and':
      return selector.of.reduce<Tri>((all, one) => lesser(all, matchSomePod(one, subject)), YES);
    case 'or':
      return selector.of.reduce<Tri>((any, one) => greater(any, matchSomePod(one, subject)), NO);
    case 'not': {
      const inner = matchSomePod(selector.of, subject);
      return inner === MAYBE ? MAYBE : inner === YES ? NO : YES;
    }
    case 'label':
    case 'namespace':
    case 'serviceAccount':
    case 'nodeName':
    case 'endpoint':
    case 'special':
    case 'same':
      return MAYBE;
    case 'all':
    case 'none':
    case 'unknown':
    case 'kind':
    case 'hostName':
      return compileSelector(selector)(SOME_POD, subject);
    case 'cidr':
      return isSpokenBy(subject, selector.cidr) ? compileSelector(selector)(SOME_POD, subject) : NO;
    default:
      return assertNever(selector);
  }
}

/** Whether a flow to or from the subject, which is seen in the family that is spoken, may have an address of the block. */
function isSpokenBy({ ips }: Endpoint, cidr: string): boolean {
  const block = parseCidr(cidr);
  return block !== null && (ips.length === 0 || ips.some(({ family }) => family === block.family));
}

const lesser = (a: Tri, b: Tri): Tri => (a === NO || b === NO ? NO : a === MAYBE || b === MAYBE ? MAYBE : YES);
const greater = (a: Tri, b: Tri): Tri => (a === YES || b === YES ? YES : a === MAYBE || b === MAYBE ? MAYBE : NO);
