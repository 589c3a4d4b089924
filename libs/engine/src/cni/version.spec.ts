import { describe, expect, it } from '@jest/globals';
import { atLeast, hasSince, readVersion, splitImage } from './version.js';

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

describe('hasSince', () => {
  it.each([
    ['1.15.20', false],
    ['1.16.9', false],
    ['1.16.10', true],
    ['1.17.3', false],
    ['1.17.4', true],
    ['1.18.0', true],
    ['1.20.1', true],
    ['', null],
  ])('%s has what came with 1.16.10, 1.17.4 and 1.18: %s', (version, result) => {
    expect(hasSince(version, ['1.16.10', '1.17.4', '1.18'])).toBe(result);
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
