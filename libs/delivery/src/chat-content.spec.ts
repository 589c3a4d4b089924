import { describe, expect, it } from '@jest/globals';
import { CHAT_CONTENT } from './chat-content.js';

const HOSTILE = '<!channel> <https://evil|x> [here](https://evil) @all `a` *b* _c_ &amp; | #d';
const WORDS = {
  severity: 'error',
  title: HOSTILE,
  text: HOSTILE,
  facts: [{ name: HOSTILE, value: HOSTILE }],
  link: null,
} as const;
/** What Markdown would read as more than text, unless a backslash is before it. */
const MARKUP = /(?<!\\)[`*_[\]<>|#]|@(?!\u200b)/;

/** Every text of a message that its chat reads as markup. */
function texts(value: unknown, isMarkup: (key: string, parent: Record<string, unknown>) => boolean): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Record<string, unknown>;
  return Object.entries(parent).flatMap(([key, child]) =>
    typeof child === 'string' ? (isMarkup(key, parent) ? [child] : []) : texts(child, isMarkup),
  );
}

describe('what a cluster calls things', () => {
  it('calls nobody in Slack, and makes no link there', () => {
    const isMarkup = (key: string, { type }: Record<string, unknown>): boolean =>
      key === 'text' && type !== 'plain_text';
    const found = texts(CHAT_CONTENT.slack(WORDS), isMarkup);
    expect(found).toHaveLength(3);
    for (const text of found) {
      expect(text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
      expect(text).toContain('&lt;!channel&gt; &lt;https://evil|x&gt;');
    }
  });

  it('is no Markdown in Mattermost', () => {
    const { text } = CHAT_CONTENT.mattermost(WORDS) as { text: string };
    expect(text).toContain('\\[here\\](https://evil) @\u200ball');
    // But for our own bold words.
    expect(text.replaceAll('**', '')).not.toMatch(MARKUP);
  });

  it('is no Markdown in a card of Teams', () => {
    const found = texts(CHAT_CONTENT.teams(WORDS), (key) => ['text', 'title', 'value'].includes(key));
    expect(found).toHaveLength(4);
    for (const text of found) expect(text).not.toMatch(MARKUP);
  });
});

describe('what Teams shows', () => {
  it('has the title once, and as the words of its notification', () => {
    const message = CHAT_CONTENT.teams({ ...WORDS, title: 'DENIED  shop/web → shop/db' });
    expect(message).toMatchObject({ summary: 'DENIED  shop/web → shop/db' });
    const shown = texts(message, (key) => key === 'text');
    expect(shown.filter((text) => text.startsWith('DENIED'))).toEqual(['DENIED  shop/web → shop/db']);
  });
});

describe('what Slack shows', () => {
  const blocksOf = (more: object): { type: string; text?: { text: string }; fields?: unknown[] }[] => {
    const { blocks } = CHAT_CONTENT.slack({
      severity: 'info',
      title: 'DENIED',
      text: '',
      link: null,
      facts: [],
      ...more,
    }) as {
      blocks: { type: string; text?: { text: string }; fields?: unknown[] }[];
    };
    return blocks;
  };
  const SHORT = { name: 'cluster', value: 'shop' };

  it('has short facts beside each other, and long ones a line each', () => {
    expect(blocksOf({ facts: [SHORT] })[1]?.fields).toEqual([{ type: 'mrkdwn', text: '*cluster*\nshop' }]);
    const long = { name: 'fix', value: 'allow ingress to payments/gateway on TCP 8443' };
    expect(blocksOf({ facts: [SHORT, long] })[1]?.text?.text).toBe(`*cluster*: shop\n*fix*: ${long.value}`);
  });

  it('has the whole of a title that is too long for a header', () => {
    const title = `${'a'.repeat(160)} the end`;
    const [header, whole] = blocksOf({ title });
    expect(header?.text?.text).toHaveLength(150);
    expect(whole?.text?.text).toBe(title);
  });
});
