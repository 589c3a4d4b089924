import type { ReadingName } from '#engine';

import type { Expectation } from '../exit-code.js';

/** Where a question is answered: from manifests here, or by a server. Exactly one is given. */
export interface SourceOptions {
  readonly dir?: string;
  readonly server?: string;
  readonly cluster?: string;
}

/** Text tells most; the other forms are those of `atlas why`. */
export const CAN_FORMATS = ['text', 'json', 'yaml', 'csv', 'md', 'dot', 'svg', 'mermaid'] as const;

/** What a question is made of, as commander reads it. */
export interface QuestionOptions extends SourceOptions {
  readonly from: string;
  readonly to: string;
  readonly port?: string;
  readonly protocol: string;
  readonly sourcePort?: string;
  readonly at?: string;
  readonly httpMethod?: string;
  readonly httpPath?: string;
  readonly httpHost?: string;
  readonly httpHeader: readonly string[];
  readonly dnsName?: string;
  readonly kafkaTopic?: string;
  readonly grpcMethod?: string;
  readonly sni?: string;
  readonly icmpType?: string;
  readonly icmpCode?: string;
}

/** Options of `atlas can`. */
export interface CanOptions extends QuestionOptions {
  readonly reading: ReadingName;
  readonly expect: Expectation;
  readonly output: (typeof CAN_FORMATS)[number];
}
