import { describe, expect, it } from '@jest/globals';
import { addressOf, isPrivateAddress } from './address-guard.js';

describe('isPrivateAddress', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    'fd12::1',
    '::ffff:10.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    'ff02::1',
    '2001::1',
  ])('is true of %s', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    'is false of %s',
    (address) => {
      expect(isPrivateAddress(address)).toBe(false);
    },
  );
});

describe('addressOf', () => {
  it('refuses a name that leads to this machine, and an address in brackets', async () => {
    await expect(addressOf('localhost', false)).rejects.toThrow('`localhost` leads to ');
    await expect(addressOf('[::1]', false)).rejects.toThrow('which is not on the internet');
    await expect(addressOf('127.1', false)).rejects.toThrow();
  });

  it('gives the address when that is allowed', async () => {
    expect(await addressOf('127.0.0.1', true)).toEqual({ address: '127.0.0.1', family: 4 });
  });
});
