/** One server-sent event as it came. */
export interface ReceivedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** A connection to a stream of server-sent events. */
export interface EventConnection {
  readonly status: number;
  readonly headers: Headers;
  /** Resolves with the next event; rejects when the stream ends without one. */
  next(): Promise<ReceivedEvent>;
  /** Comments that came so far, without the colon. */
  readonly comments: readonly string[];
  /** Resolves at the end of the stream. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Opens a stream of events and reads it as the HTML standard says; by POST where there is something to send. */
export async function readEvents(
  url: string,
  headers: Record<string, string> = {},
  sent?: object,
): Promise<EventConnection> {
  const abort = new AbortController();
  const asked = { accept: 'text/event-stream', ...headers };
  const post = { method: 'POST', body: JSON.stringify(sent) };
  const response = await fetch(url, {
    ...(sent === undefined ? {} : post),
    headers: sent === undefined ? asked : { ...asked, 'content-type': 'application/json' },
    signal: abort.signal,
  });
  const received: ReceivedEvent[] = [];
  const comments: string[] = [];
  const waiting: { resolve: (event: ReceivedEvent) => void; reject: (error: Error) => void }[] = [];
  let isOver = false;
  const take = (block: string): void => {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const [, name = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
      if (name === '') comments.push(value);
      else fields.set(name, value);
    }
    const data = fields.get('data');
    if (data === undefined) return;
    const event = {
      id: fields.get('id') ?? '',
      event: fields.get('event') ?? 'message',
      data: JSON.parse(data) as unknown,
    };
    const waiter = waiting.shift();
    if (waiter === undefined) received.push(event);
    else waiter.resolve(event);
  };
  const read = async (): Promise<void> => {
    let text = '';
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) {
        const blocks = (text + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n\n');
        text = blocks.pop() ?? '';
        blocks.forEach(take);
      }
    } catch (error) {
      if (!abort.signal.aborted) throw error;
    } finally {
      isOver = true;
      for (const { reject } of waiting.splice(0)) reject(new Error('the stream ended'));
    }
  };
  const ended = read();
  ended.catch(() => undefined);
  return {
    status: response.status,
    headers: response.headers,
    comments,
    ended,
    next: () =>
      new Promise((resolve, reject) => {
        const event = received.shift();
        if (event !== undefined) resolve(event);
        else if (isOver) reject(new Error('the stream ended'));
        else waiting.push({ resolve, reject });
      }),
    close: () => {
      abort.abort();
    },
  };
}
