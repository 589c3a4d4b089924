import type { ChannelEvent } from '#contracts';

export type MessageSeverity = 'critical' | 'error' | 'warning' | 'info';

/** A file that goes with a message. */
export interface MessageFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** Something to tell, in words that every channel can show. Its texts may quote what clusters call things. */
export interface Message {
  /** The same at each try, so that whoever gets it twice can tell. */
  readonly id: string;
  readonly event: ChannelEvent | 'test';
  readonly at: Date;
  readonly severity: MessageSeverity;
  readonly cluster: string | null;
  /** One line; the verdict is in it. */
  readonly title: string;
  readonly text: string;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** Where to read on; null when the address of the service is not known. */
  readonly link: string | null;
  /** Equal for what is about the same matter, as an expectation that breaks and holds again. */
  readonly matter: string;
  /** The matter is over. */
  readonly isOver: boolean;
  readonly files: readonly MessageFile[];
}

/** A message as machines read it: without its files. */
export function messageData({
  id,
  event,
  at,
  severity,
  cluster,
  title,
  text,
  facts,
  link,
  matter,
  isOver,
}: Message): object {
  return {
    id,
    type: event,
    timestamp: at.toISOString(),
    data: { severity, cluster, title, text, facts, link, matter, isOver },
  };
}
