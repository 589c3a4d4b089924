import { SWC_OPTIONS } from './scripts/swc-options.mjs';

const base = {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['atlas-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', SWC_OPTIONS] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

const project = (displayName, testMatch) => ({ ...base, displayName, rootDir: import.meta.dirname, testMatch });

/** Projects by what a test may touch: memory only, the engine and its corpora, real services, whole apps. */
export default {
  projects: [
    project('unit', ['<rootDir>/{libs,apps}/**/*.spec.ts']),
    project('conformance', ['<rootDir>/test/{conformance,differential,contract}/**/*.spec.ts']),
    project('integration', ['<rootDir>/test/**/*.int-spec.ts']),
    project('e2e', ['<rootDir>/test/{e2e,chaos}/**/*.e2e-spec.ts']),
  ],
  testTimeout: 30_000,
  // Modules of a finished file stay in memory; past this a worker collects garbage more than it tests, so it begins anew.
  workerIdleMemoryLimit: '1.5GB',
};
