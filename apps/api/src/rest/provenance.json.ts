import type { Completeness, Provenance } from '#analysis';
import { quoted } from './json-text.js';
import { timeText } from './provenance.mapper.js';

/** All answers of a snapshot have the same. */
const COMPLETENESS = new WeakMap<Completeness, string>();

/** The fields of `provenanceToBody` as JSON, without the braces around them. */
export function provenanceText({ asOf, completeness, engineVersion }: Provenance): string {
  const { clusterId, cluster, seq, takenAt, stalenessMs } = asOf;
  const state = `"clusterId":${quoted(clusterId)},"cluster":${quoted(cluster)},"seq":${String(seq)}`;
  const time = `"takenAt":"${timeText(takenAt)}","stalenessMs":${String(stalenessMs)}`;
  const rest = `"completeness":${completenessText(completeness)},"engineVersion":${quoted(engineVersion)}`;
  return `"asOf":{${state},${time}},${rest}`;
}

function completenessText(completeness: Completeness): string {
  let text = COMPLETENESS.get(completeness);
  if (text === undefined) COMPLETENESS.set(completeness, (text = JSON.stringify(completeness)));
  return text;
}
