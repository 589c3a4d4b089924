import { describe, expect, it } from '@jest/globals';
import { parsePeer } from './parse-peer.js';

describe('parsePeer', () => {
  it.each([
    ['shop/db:5432', '`shop/db:5432` has a port in it: give `shop/db`, and port 5432 apart'],
    ['10.0.0.1:443', '`10.0.0.1:443` has a port in it: give `10.0.0.1`, and port 443 apart'],
    ['[2001:db8::1]:443', '`[2001:db8::1]:443` has a port in it: give `2001:db8::1`, and port 443 apart'],
    ['service:shop/db:80', '`service:shop/db:80` has a port in it: give `service:shop/db`, and port 80 apart'],
    ['api', '`api` says no namespace: write `namespace/api`, or `namespace:api` when it is one'],
    ['labels:shop/app', '`app` is not a label of the form `key=value`'],
    [
      'labels:kubernetes.io/metadata.name=shop/app=web',
      '`metadata.name=shop/app=web` is not a label of the form `key=value`; where keys have slashes, `//` parts namespace and pod',
    ],
  ])('says what is wrong with %s', (text, error) => {
    expect(parsePeer(text)).toEqual({ error });
  });

  it.each([
    ['2001:db8::1:443', { type: 'address', address: '2001:db8::1:443' }],
    ['namespace:8080', { type: 'namespace', name: '8080' }],
    ['node:1', { type: 'node', name: '1' }],
  ])('takes no port from %s', (text, peer) => {
    expect(parsePeer(text)).toEqual({ peer });
  });
});
