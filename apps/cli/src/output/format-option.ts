import { Option } from 'commander';

/** Every form, as `#render` has them: named here too, so that help needs nothing of it. */
const OUTPUT_FORMATS = ['table', 'wide', 'json', 'yaml', 'csv', 'md', 'dot', 'svg', 'mermaid'] as const;

/** `-o` of every command that answers a question about connections. */
export function formatOption(): Option {
  return new Option('-o, --output <format>', 'how the answer looks').choices(OUTPUT_FORMATS).default('table');
}
