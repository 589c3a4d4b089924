/** What somebody asks in a chat. */
export type ChatQuestion =
  | { readonly verb: 'help'; readonly problem: string }
  | {
      readonly verb: 'can' | 'why';
      readonly from: string;
      readonly to: string;
      readonly port: string | undefined;
      readonly protocol: string | undefined;
      readonly cluster: string | undefined;
    }
  | { readonly verb: 'diff' | 'check'; readonly cluster: string | undefined }
  | { readonly verb: 'runbooks' }
  | {
      readonly verb: 'runbook';
      readonly runbook: string;
      readonly inputs: Readonly<Record<string, string>>;
      readonly cluster: string | undefined;
    };

const IN_CLUSTER = /(?:^|\s+)in\s+(\S+)$/i;
const FLOW = /^(\S+?)\s*(?:->|→|=>|\sto\s)\s*(\S+)(?:\s+(tcp|udp|sctp|icmp))?$/i;
/** A port behind the last colon: of `namespace/name:port`, of `kind:namespace/name:port`, of `1.2.3.4:443`. */
const WITH_PORT = /^((?:[a-z]+:)?[^:]*[/.][^:]*):([a-z0-9-]{1,63})$/i;

/**
 * Reads `can shop/web -> pay/api:8443 udp in prod`, `why …`, `diff in prod`, `check`, `runbook ID key=value …`,
 * `runbook ID shop/web -> pay/api:8443`, `runbook` for those there are, `help`.
 */
export function readChatQuestion(text: string): ChatQuestion {
  const plain = text
    .replaceAll(/[\u00a0\s]+/g, ' ')
    .replaceAll('&gt;', '>')
    .trim();
  const cluster = IN_CLUSTER.exec(plain)?.[1];
  const [verb = '', ...words] = plain.replace(IN_CLUSTER, '').split(' ');
  const rest = words.join(' ');
  switch (verb.toLowerCase()) {
    case 'can':
    case 'why':
      return readFlow(verb.toLowerCase() as 'can' | 'why', rest, cluster);
    case 'diff':
    case 'check':
      return { verb: verb.toLowerCase() as 'diff' | 'check', cluster };
    case 'runbook':
    case 'runbooks':
      return readRunbook(words, cluster);
    case '':
    case 'help':
      return { verb: 'help', problem: '' };
    default:
      return { verb: 'help', problem: `\`${verb}\` is no question that can be asked here` };
  }
}

interface Flow {
  readonly from: string;
  readonly to: string;
  readonly port: string | undefined;
  readonly protocol: string | undefined;
}

/** `shop/web -> pay/api:8443 udp`; null for anything else. */
function flowOf(text: string): Flow | null {
  const [, from, target, protocol] = FLOW.exec(text) ?? [];
  if (from === undefined || target === undefined) return null;
  const [, to = target, port] = WITH_PORT.exec(target) ?? [];
  return { from, to, port, protocol: protocol?.toUpperCase() };
}

function readFlow(verb: 'can' | 'why', text: string, cluster: string | undefined): ChatQuestion {
  const flow = flowOf(text);
  if (flow === null) return { verb: 'help', problem: `say who and to whom, as \`${verb} shop/web -> pay/api:8443\`` };
  const { from, to, port, protocol } = flow;
  return { verb, from, to, port, protocol, cluster };
}

const INPUT = /^(from|to|port|protocol|namespace|node)=(\S+)$/i;

function readRunbook([id = '', ...words]: readonly string[], cluster: string | undefined): ChatQuestion {
  if (id === '' || id.toLowerCase() === 'list') return { verb: 'runbooks' };
  const rest = words.filter((word) => !INPUT.test(word));
  const flow = flowOf(rest.join(' '));
  if (rest.length > 0 && flow === null) {
    const problem = `\`${rest.join(' ')}\` is not read, write it as \`namespace=shop\` or \`shop/web -> pay/api:8443\``;
    return { verb: 'help', problem };
  }
  const given = words.flatMap((word) => {
    const [, key, value] = INPUT.exec(word) ?? [];
    return key === undefined || value === undefined ? [] : [[key.toLowerCase(), value] as const];
  });
  const flown = Object.entries(flow ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { verb: 'runbook', runbook: id, inputs: Object.fromEntries([...flown, ...given]), cluster };
}
