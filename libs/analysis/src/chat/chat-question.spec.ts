import { describe, expect, it } from '@jest/globals';
import { readChatQuestion } from './chat-question.js';

const flow = (from: string, to: string, port?: string, protocol?: string, cluster?: string) => ({
  verb: 'can',
  from,
  to,
  port,
  protocol,
  cluster,
});

describe('readChatQuestion', () => {
  it.each([
    ['can shop/web -> pay/api:8443', flow('shop/web', 'pay/api', '8443')],
    ['can shop/web-&gt;pay/api', flow('shop/web', 'pay/api')],
    [
      'CAN  shop/web to service:kube-system/kube-dns:53 udp in prod',
      flow('shop/web', 'service:kube-system/kube-dns', '53', 'UDP', 'prod'),
    ],
    ['can deployment:shop/web → 203.0.113.9:443', flow('deployment:shop/web', '203.0.113.9', '443')],
    ['can shop/web -> service:pay/api:http', flow('shop/web', 'service:pay/api', 'http')],
    ['can shop/web -> host:example.com', flow('shop/web', 'host:example.com')],
    ['can shop/web -> ip:2001:db8::1', flow('shop/web', 'ip:2001:db8::1')],
    ['diff in prod', { verb: 'diff', cluster: 'prod' }],
    ['check', { verb: 'check', cluster: undefined }],
    [
      'runbook service-unreachable from=shop/web to=shop/api in prod',
      {
        verb: 'runbook',
        runbook: 'service-unreachable',
        inputs: { from: 'shop/web', to: 'shop/api' },
        cluster: 'prod',
      },
    ],
    [
      'runbook RB-1 shop/web -&gt; shop/api:8443 udp in prod',
      {
        verb: 'runbook',
        runbook: 'RB-1',
        inputs: { from: 'shop/web', to: 'shop/api', port: '8443', protocol: 'UDP' },
        cluster: 'prod',
      },
    ],
    [
      'runbook service-unreachable shop/web to shop/api port=80',
      {
        verb: 'runbook',
        runbook: 'service-unreachable',
        inputs: { from: 'shop/web', to: 'shop/api', port: '80' },
        cluster: undefined,
      },
    ],
    ['runbook', { verb: 'runbooks' }],
    ['runbook list', { verb: 'runbooks' }],
    ['runbooks', { verb: 'runbooks' }],
    ['', { verb: 'help', problem: '' }],
  ])('reads %j', (text, question) => {
    expect(readChatQuestion(text)).toEqual(question);
  });

  it.each([
    ['dance', '`dance` is no question'],
    ['can shop/web', 'say who and to whom'],
    ['runbook x shop', '`shop` is not read'],
  ])('says what is wrong with %j', (text, problem) => {
    expect(readChatQuestion(text)).toEqual({ verb: 'help', problem: expect.stringContaining(problem) });
  });
});
