import { describe, expect, it } from '@jest/globals';
import { isAppError, parseInput, reachabilityInput } from '#contracts';
import { parseFlowQuestion } from './parse-flow-question.js';

const read = (fields: object) =>
  parseFlowQuestion(parseInput(reachabilityInput, { cluster: 'c', from: 'shop/web', to: 'shop/api', ...fields }));

function refusalOf(fields: object): unknown {
  try {
    return read(fields);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { code: error.code, pointers: error.errors?.map((entry) => entry.pointer) };
  }
}

describe('parseFlowQuestion', () => {
  it('asks for any port of TCP when nothing else is said', () => {
    expect(read({})).toEqual({
      source: { type: 'name', namespace: 'shop', name: 'web' },
      destination: { type: 'name', namespace: 'shop', name: 'api' },
      protocol: 6,
      port: null,
    });
  });

  it('takes protocols by name and number, ports by number and name, and the request', () => {
    const question = read({ protocol: 'udp', port: '53', sourcePort: 40000, l7: { protocol: 'dns' } });
    expect(question).toMatchObject({ protocol: 17, port: 53, sourcePort: 40000, l7: { protocol: 'dns' } });
    expect(read({ protocol: '132', port: 'sctp-data' })).toMatchObject({ protocol: 132, port: 'sctp-data' });
  });

  it.each([
    [{ from: 'pod:web' }, ['/from']],
    [{ from: '///', to: 'ip:1.2.3', protocol: 'TPC' }, ['/from', '/to', '/protocol']],
    [{ protocol: 'ICMP', port: 80, sourcePort: 1 }, ['/port', '/sourcePort']],
    [{ protocol: '256' }, ['/protocol']],
  ])('names every field of %j that cannot be read', (fields, pointers) => {
    expect(refusalOf(fields)).toEqual({ code: 'question.invalid', pointers });
  });
});
