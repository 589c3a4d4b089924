import { MAX_FLOWS, observedFlow, type ObservedFlowInput } from '#contracts';

import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-code.js';
import { readText } from '../manifests/read-text.js';
import type { Terminal } from '../terminal.js';

const MOST_ERRORS = 20;

/** Flows of a file with one JSON object a line. @throws CliError naming each line that cannot be read */
export async function readFlows(path: string, terminal: Terminal): Promise<ObservedFlowInput[]> {
  const text = await readText(path, terminal);
  const flows: ObservedFlowInput[] = [];
  const wrong: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const read = readFlow(line);
    if (typeof read === 'string') wrong.push(`line ${index + 1}: ${read}`);
    else flows.push(read);
  }
  if (flows.length > MAX_FLOWS)
    wrong.push(`${flows.length} flows are more than the ${MAX_FLOWS} that are taken at once`);
  if (wrong.length === 0) return flows;
  throw new CliError(EXIT.usage, `\`${path}\` has flows that cannot be read`, wrong.slice(0, MOST_ERRORS));
}

function readFlow(line: string): ObservedFlowInput | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'not JSON, write {"src":"shop/web","dst":"shop/api","protocol":"TCP","port":8080}';
  }
  const result = observedFlow.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  return `${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is wrong'}`.trim();
}
