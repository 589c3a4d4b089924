import { lackingFields } from '../cni/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { ReadingName } from '../eval/evaluate-pair.js';
import { objectLabel } from '../model/index.js';
import { SEES_ALL } from './visibility.js';
import type { Sees } from './visibility.js';

/** Fields that are told one by one; of more there is the number. */
const MOST_FIELDS = 3;

/**
 * What to know of an answer about the whole cluster: what it leaves out because only what is certain counts, or which
 * fields of policies mean something else here than what they say. Null when that is nothing.
 */
export function caveatOf(snapshot: CompiledSnapshot, reading: ReadingName, sees: Sees = SEES_ALL): string | null {
  if (reading === 'intended') return null;
  if (snapshot.cni.enforced === 'unknown') {
    return 'it is not known whether the network plugin enforces policy: only what passes either way is told, ask for the reading `intended` to go by policy alone';
  }
  return lackingWords(snapshot, sees);
}

function lackingWords({ cni, index }: CompiledSnapshot, sees: Sees): string | null {
  const fields = lackingFields(cni, index.policies).filter(({ policy }) => sees(policy.namespace));
  if (fields.length === 0) return null;
  const named = fields.slice(0, MOST_FIELDS).map(({ policy, pointer, needs }) => {
    const where = [`${policy.kind} ${objectLabel(policy)}`, pointer].filter(Boolean).join(' ');
    return needs === '' ? where : `${where} (it takes ${needs})`;
  });
  const more = fields.length > MOST_FIELDS ? ` and ${String(fields.length - MOST_FIELDS)} more` : '';
  return `${cni.title} does not implement as written: ${named.join(', ')}${more}; \`atlas cni\` tells what it makes of them`;
}
