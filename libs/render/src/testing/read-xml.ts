/** An element of a picture, with the text right in it. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

const TOKEN = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
const LOOSE_AMPERSAND = /&(?!(?:amp|lt|gt|quot|#\d+|#x[\da-f]+);)/i;

/** Reads the XML that pictures are made of. @throws Error where it is not well-formed */
export function readXml(text: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text);
    const parent = open.at(-1) as XmlElement;
    if (token === null) throw new Error(`not well-formed at \`${text.slice(at, at + 60)}\``);
    const [whole, isEnd, name = '', attributes = '', isEmpty, words] = token;
    if (LOOSE_AMPERSAND.test(whole)) throw new Error(`a loose ampersand in \`${whole}\``);
    if (words !== undefined) parent.text += words;
    else if (isEnd === '/') {
      if (open.pop()?.name !== name) throw new Error(`\`</${name}>\` ends what it did not begin`);
    } else {
      const element = { name, attributes: attributesOf(attributes), children: [], text: '' };
      parent.children.push(element);
      if (isEmpty !== '/') open.push(element);
    }
  }
  const [top, ...more] = root.children;
  if (top === undefined || more.length > 0 || open.length > 1) throw new Error('not one element that begins and ends');
  return top;
}

function attributesOf(text: string): Record<string, string> {
  const found = [...text.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value] as const);
  const names = new Set(found.map(([name]) => name));
  if (names.size < found.length) throw new Error(`an attribute twice in \`${text}\``);
  return Object.fromEntries(found);
}

/** Every element of a name, in order. */
export function elementsOf(element: XmlElement, name: string): XmlElement[] {
  const own = element.name === name ? [element] : [];
  return [...own, ...element.children.flatMap((child) => elementsOf(child, name))];
}
