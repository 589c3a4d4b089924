/** A label that a controller writes on the pods that it makes, so that no template says its value. */
export interface WrittenLabel {
  /** The kinds of workload whose pods have it. */
  readonly kinds: readonly string[];
  /** Whether all of their pods do: some have it since a release alone, or by a setting. */
  readonly always: boolean;
  /** Whether a pod of the workload of a name may have a value. */
  readonly mayBe: (value: string, workload: string) => boolean;
}

const STATEFUL = ['StatefulSet'];
const JOBS = ['Job', 'CronJob'];
const anything = (): boolean => true;
const isNumber = (value: string): boolean => /^\d+$/.test(value);
const isNumberedAfter = (value: string, workload: string): boolean =>
  value.startsWith(`${workload}-`) && isNumber(value.slice(workload.length + 1));
/** A job that a CronJob makes has its name with the time behind it. */
const isJobOf = (value: string, workload: string): boolean => value === workload || isNumberedAfter(value, workload);

const WRITTEN: ReadonlyMap<string, WrittenLabel> = new Map<string, WrittenLabel>([
  ['pod-template-hash', { kinds: ['Deployment'], always: true, mayBe: anything }],
  ['controller-revision-hash', { kinds: ['DaemonSet', 'StatefulSet'], always: true, mayBe: anything }],
  ['pod-template-generation', { kinds: ['DaemonSet'], always: true, mayBe: isNumber }],
  ['statefulset.kubernetes.io/pod-name', { kinds: STATEFUL, always: true, mayBe: isNumberedAfter }],
  ['apps.kubernetes.io/pod-index', { kinds: STATEFUL, always: false, mayBe: isNumber }],
  ['batch.kubernetes.io/job-name', { kinds: JOBS, always: false, mayBe: isJobOf }],
  ['job-name', { kinds: JOBS, always: false, mayBe: isJobOf }],
  ['batch.kubernetes.io/controller-uid', { kinds: JOBS, always: false, mayBe: anything }],
  ['controller-uid', { kinds: JOBS, always: false, mayBe: anything }],
  ['batch.kubernetes.io/job-completion-index', { kinds: JOBS, always: false, mayBe: isNumber }],
]);

/** What is known of a label that controllers write; null for any other. (NP-54) */
export const writtenLabel = (key: string): WrittenLabel | null => WRITTEN.get(key) ?? null;
