import { MAX_FLOWS, type ObservedFlowInput } from '#contracts';
import { observedFlow, protocolName } from '#engine';
import { readFlows as readRecords } from '#flows';

import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-code.js';
import { readText } from '../manifests/read-text.js';
import type { Terminal } from '../terminal.js';

const MOST_ERRORS = 20;

/** Flows of a file of any source, each kind once. @throws CliError naming each line that cannot be read */
export async function readFlows(path: string, terminal: Terminal): Promise<ObservedFlowInput[]> {
  const { flows, problems } = readRecords(await readText(path, terminal));
  const wrong = problems.map(({ line, message }) => `line ${line}: ${message}`);
  const distinct = new Map<string, ObservedFlowInput>();
  for (const record of flows) {
    const flow = observedFlow(record);
    if (flow === null) continue;
    const { port, protocol, ...peers } = flow;
    const input = { ...peers, protocol: protocolName(protocol), ...(port === null ? {} : { port }) };
    distinct.set(JSON.stringify(input), input);
  }
  if (distinct.size > MAX_FLOWS)
    wrong.push(`${distinct.size} flows are more than the ${MAX_FLOWS} that are taken at once`);
  if (wrong.length === 0) return [...distinct.values()];
  throw new CliError(EXIT.usage, `\`${path}\` has flows that cannot be read`, wrong.slice(0, MOST_ERRORS));
}
