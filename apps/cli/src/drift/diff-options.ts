import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-code.js';
import type { TextFormat } from '../output/format-option.js';
import type { FailOn } from './drift-output.js';

/** Options of `atlas diff`, as commander reads them. */
export interface DiffOptions {
  readonly server?: string;
  readonly dangerous?: boolean;
  readonly breaking?: boolean;
  readonly type: readonly string[];
  readonly kind: readonly string[];
  readonly namespace?: string;
  readonly mapNamespace: readonly string[];
  readonly reading?: 'intended' | 'enforced';
  readonly failOn: FailOn;
  readonly output: TextFormat;
}

/** `stage=prod` pairs. */
export function namespaceMap(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [from = '', to = '', ...rest] = pair.split('=');
      if (from !== '' && to !== '' && rest.length === 0) return [from, to];
      throw new CliError(EXIT.usage, `--map-namespace \`${pair}\` has another form than BEFORE=AFTER`);
    }),
  );
}
