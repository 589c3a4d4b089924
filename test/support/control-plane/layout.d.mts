export type Env = Readonly<Record<string, string | undefined>>;

export const VERSIONS: Readonly<Record<'etcd' | 'kubernetes' | 'kwok' | 'helm', string>>;
export type SchemaName = 'OSCAL 1.1.3' | 'JUnit' | 'OpenReports' | 'Kyverno' | 'Gatekeeper';
export const SCHEMAS: Readonly<Record<SchemaName, { readonly module: string; readonly files: readonly string[] }>>;
export const BINARIES: readonly string[];
export const KWOK_STAGES: string;

export function controlPlaneDir(env?: Env): string;
export function binDir(env?: Env): string;
export function kwokStagesFile(env?: Env): string;
export function missingParts(options?: { withHelm?: boolean; env?: Env }): string[];
export function schemaFiles(name: SchemaName, env?: Env): string[];
export function missingSchemas(env?: Env): SchemaName[];
