import { assertNever } from '../base/index.js';
import type { Selector } from '../model/index.js';
import { parseCidr } from '../net/index.js';
import { SOME_POD } from './endpoint.js';
import type { Endpoint } from './endpoint.js';
import { compileBy, compileSelector, compileTest, maybe, NO } from './match-selector.js';
import type { Matcher, SelectorTest, Tri } from './match-selector.js';

/** Whether a selector of a rule chooses a peer. */
export function matchPeer(selector: Selector, peer: Endpoint, subject: Endpoint): Tri {
  return peer === SOME_POD ? matchSomePod(selector, subject) : compileSelector(selector)(peer, subject);
}

/** Whether a selector chooses a pod of which nothing is known: certain only where it chooses all pods, or none. */
export function matchSomePod(selector: Selector, subject: Endpoint): Tri {
  return compileBy(testOfSomePod, selector)(SOME_POD, subject);
}

function testOfSomePod(test: SelectorTest): Matcher {
  switch (test.type) {
    case 'label':
    case 'namespace':
    case 'serviceAccount':
    case 'nodeName':
    case 'endpoint':
    case 'special':
    case 'same':
      return maybe;
    case 'all':
    case 'none':
    case 'unknown':
    case 'kind':
    case 'hostName':
      return compileTest(test);
    case 'cidr': {
      const holds = compileTest(test);
      return (endpoint, subject) => (isSpokenBy(subject, test.cidr) ? holds(endpoint, subject) : NO);
    }
    default:
      return assertNever(test);
  }
}

/** Whether a flow to or from the subject, which is seen in the family that is spoken, may have an address of the block. */
function isSpokenBy({ ips }: Endpoint, cidr: string): boolean {
  const block = parseCidr(cidr);
  return block !== null && (ips.length === 0 || ips.some(({ family }) => family === block.family));
}
