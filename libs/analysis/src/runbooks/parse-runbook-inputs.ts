import { missingInputs, type Runbook, type RunbookInputs } from '#checks';
import type { FieldError, RunbookInputsInput } from '#contracts';
import type { Fact } from '#engine';
import { invalidQuestion, readPeer, readProtocol } from '../question/question-fields.js';

/**
 * A runbook's inputs from what a caller gave; `facts` are those of its manifests, which a mere check of the inputs need not
 * read.
 * @throws AppError `question.invalid` with one entry in `errors` for each input that is missing, not taken or not readable
 */
export function parseRunbookInputs(
  runbook: Runbook,
  given: RunbookInputsInput,
  facts: readonly Fact[] = [],
): RunbookInputs {
  const errors: FieldError[] = [];
  const { from, to, protocol, port, namespace, node, manifests } = given;
  const inputs: RunbookInputs = {
    from: from === undefined ? undefined : (readPeer(from, '/from', errors) ?? undefined),
    to: to === undefined ? undefined : (readPeer(to, '/to', errors) ?? undefined),
    protocol: protocol === undefined ? undefined : (readProtocol(protocol, errors) ?? undefined),
    port,
    namespace,
    node,
    manifests: manifests === undefined ? undefined : facts,
  };
  const known = new Set<string>([...runbook.needs, ...runbook.takes]);
  for (const [key, value] of Object.entries<unknown>(given)) {
    if (value === undefined || known.has(key)) continue;
    errors.push({ pointer: `/${key}`, detail: `runbook \`${runbook.id}\` does not take it, leave it out` });
  }
  const isWrong = new Set(errors.map(({ pointer }) => pointer));
  for (const key of missingInputs(runbook, inputs)) {
    if (!isWrong.has(`/${key}`))
      errors.push({ pointer: `/${key}`, detail: `runbook \`${runbook.id}\` needs it, give it` });
  }
  if (errors.length > 0) throw invalidQuestion(errors);
  return inputs;
}
