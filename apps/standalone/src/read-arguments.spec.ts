import { describe, expect, it } from '@jest/globals';

import { readArguments } from './read-arguments.js';

describe('the arguments of npm start', () => {
  it('stand for settings', () => {
    expect(readArguments([])).toEqual({ help: false, env: {} });
    expect(readArguments(['--no-sample', '--port', '0']).env).toEqual({ ATLAS_SAMPLE: 'off', HTTP_PORT: '0' });
    expect(readArguments(['--help']).help).toBe(true);
  });

  it.each([['--smaple'], ['sample'], ['--port']])('refuse %s and say where to look', (argument) => {
    expect(() => readArguments([argument])).toThrow(/--help/);
  });
});
