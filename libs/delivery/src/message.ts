import type { ChannelEvent } from '#contracts';

export type MessageSeverity = 'critical' | 'error' | 'warning' | 'info';

/** A file that goes with a message. */
export interface MessageFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** What is said, in a form that every channel and chat can show. Its texts may quote what clusters call things. */
export interface MessageWords {
  readonly severity: MessageSeverity;
  /** One line; the verdict is in it. */
  readonly title: string;
  readonly text: string;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** Where to read on; null when the address of the service is not known. */
  readonly link: string | null;
}

/** Something to tell. */
export interface Message extends MessageWords {
  /** The same at each try, so that whoever gets it twice can tell. */
  readonly id: string;
  readonly event: ChannelEvent | 'test';
  readonly at: Date;
  readonly cluster: string | null;
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
