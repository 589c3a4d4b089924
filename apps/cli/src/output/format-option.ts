import { Option } from 'commander';

/** Every form, as `#render` has them: named here too, so that help needs nothing of it. */
export const OUTPUT_FORMATS = ['table', 'wide', 'json', 'yaml', 'csv', 'md', 'dot', 'svg', 'mermaid'] as const;

/** `-o` of every command that answers a question about connections. */
export function formatOption(): Option {
  return new Option('-o, --output <format>', 'how the answer looks').choices(OUTPUT_FORMATS).default('table');
}

/** The forms of answers that are told in words: no picture shows them. */
export const TEXT_FORMATS = ['text', 'json', 'yaml', 'csv', 'md'] as const;
export type TextFormat = (typeof TEXT_FORMATS)[number];

/** `-o` of every command whose answer is told in words; `more` are forms of its own. */
export function textFormatOption(...more: readonly string[]): Option {
  return new Option('-o, --output <format>', 'how the answer looks')
    .choices([...TEXT_FORMATS, ...more])
    .default('text');
}
