import { AppError, type ErrorCode } from '#contracts';

/** How a request to a kube-apiserver failed. */
export type FaultType =
  /** No connection, or it broke. */
  | 'network'
  | 'tls'
  /** No answer, or a stream that fell silent. */
  | 'timeout'
  /** An answer that is not what the protocol promises. */
  | 'protocol'
  /** The resource version or the continue token is too old (410): list again. */
  | 'expired'
  | 'unauthorised'
  | 'forbidden'
  | 'not-found'
  /** Any other refusal, 429 and 5xx among them. */
  | 'refused'
  /** A client certificate, token command or file of the kubeconfig does not work. */
  | 'credentials';

/** A failed request. `message` is one line and holds no secret. */
export class KubeFault extends Error {
  override readonly name = 'KubeFault';

  constructor(
    readonly type: FaultType,
    message: string,
    /** What the server asked us to wait, 0 when it did not. */
    readonly retryAfterMs = 0,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

const CODES: Record<FaultType, ErrorCode> = {
  network: 'cluster.unreachable',
  tls: 'cluster.unreachable',
  timeout: 'cluster.unreachable',
  protocol: 'cluster.unreachable',
  expired: 'cluster.unreachable',
  refused: 'cluster.unreachable',
  'not-found': 'cluster.unreachable',
  unauthorised: 'cluster.credentials_invalid',
  forbidden: 'cluster.credentials_invalid',
  credentials: 'cluster.credentials_invalid',
};

/** The fault as an error for the edge. */
export function faultToAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const fault = error instanceof KubeFault ? error : connectionFault(error, 'the kube-apiserver');
  const retryable = CODES[fault.type] === 'cluster.unreachable' && fault.type !== 'tls';
  return new AppError(CODES[fault.type], fault.message, { retryable, details: { fault: fault.type }, cause: fault });
}

const TLS_CODE = /^(?:ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|HOSTNAME_MISMATCH)/;
const NETWORK_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'its host name is not known',
  EAI_AGAIN: 'its host name could not be looked up',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'its network cannot be reached',
  EPIPE: 'the connection broke',
};

/** Turns what Node throws for a connection into a fault. `server` is named in the message. */
export function connectionFault(error: unknown, server: string): KubeFault {
  if (error instanceof KubeFault) return error;
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const code = (inner as NodeJS.ErrnoException | null)?.code ?? '';
  const text = inner instanceof Error ? (inner.message.split('\n')[0] ?? '') : String(inner);
  if (TLS_CODE.test(code)) {
    return new KubeFault('tls', `TLS to ${server} failed: ${text}; check the certificate authority`, 0, error);
  }
  const why = NETWORK_REASONS[code] ?? text.toLowerCase();
  return new KubeFault('network', `cannot reach ${server}: ${why}`, 0, error);
}

/** Turns an answer with an error status into a fault, with the server's own message. */
export function statusFault(status: number, body: string, what: string, retryAfter?: string): KubeFault {
  const message = statusMessage(body);
  const detail = message === '' ? '' : `: ${message}`;
  const waitMs = retryAfter !== undefined && /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : 0;
  if (status === 401) return new KubeFault('unauthorised', `the kube-apiserver does not accept the credentials (401)`);
  if (status === 403) return new KubeFault('forbidden', message || `not allowed to read ${what}`);
  if (status === 404) return new KubeFault('not-found', `${what} is not served`);
  if (status === 410) return new KubeFault('expired', `the state of ${what} is too old${detail}`);
  // A server that was set back to an earlier state does not know the version that it gave out before.
  if (status === 504 && /too large resource version/i.test(message)) {
    return new KubeFault('expired', `the state of ${what} was set back${detail}`);
  }
  return new KubeFault('refused', `the kube-apiserver answered ${status} for ${what}${detail}`, waitMs);
}

function statusMessage(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === 'string') return message.replace(/\s+/g, ' ').slice(0, 500);
  } catch {
    // Proxies in front of a server answer in HTML: its status says enough.
  }
  return '';
}
