import { isTrue } from './detector.js';

/** Whether Calico runs in eBPF, on nodes with Linux: by Felix's own switch, or as the operator has it. */
export const isEbpf = (options: Readonly<Record<string, string>>): boolean =>
  isTrue(options['bpf-enabled']) || options['linux-dataplane'] === 'BPF';
