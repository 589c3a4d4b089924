export type Env = Readonly<Record<string, string | undefined>>;

export const VERSIONS: Readonly<Record<'etcd' | 'kubernetes' | 'kwok' | 'helm', string>>;
export const BINARIES: readonly string[];
export const KWOK_STAGES: string;

export function controlPlaneDir(env?: Env): string;
export function binDir(env?: Env): string;
export function kwokStagesFile(env?: Env): string;
export function missingParts(options?: { withHelm?: boolean; env?: Env }): string[];
