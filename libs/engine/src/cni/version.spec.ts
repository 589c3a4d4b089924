import { describe, expect, it } from '@jest/globals';
import { atLeast, readVersion, splitImage } from './version.js';

describe('readVersion', () => {
  it.each([
    ['v1.16.4', '1.16.4'],
    ['v3.29.0-build20241111', '3.29.0'],
    ['v1.31.4+k3s1', '1.31.4+k3s1'],
    ['2.8', '2.8'],
    ['v20240813-c6f155d6', ''],
    ['latest', ''],
    ['', ''],
  ])('%s is %s', (tag, version) => {
    expect(readVersion(tag)).toBe(version);
  });
});

describe('atLeast', () => {
  it.each([
    ['1.16.0', '1.16', true],
    ['1.15.9', '1.16', false],
    ['2.0', '1.16', true],
    ['1.9.0', '1.16', false],
    ['3.32', '3.32.0', true],
    ['', '1.0', null],
    ['20240813', '1.0', null],
  ])('%s against %s is %s', (version, floor, result) => {
    expect(atLeast(version, floor)).toBe(result);
  });
});

describe('splitImage', () => {
  it.each([
    ['quay.io/cilium/cilium:v1.16.4@sha256:abc', 'quay.io/cilium/cilium', 'v1.16.4'],
    ['registry.corp:5000/calico/node', 'registry.corp:5000/calico/node', ''],
    ['registry.corp:5000/calico/node:v3', 'registry.corp:5000/calico/node', 'v3'],
    ['', '', ''],
  ])('%s', (image, repository, tag) => {
    expect(splitImage(image)).toEqual({ repository, tag });
  });
});
