/**
 * The cursor behind each of a page's `length` items. Inside the page it counts from where the page began (`sealAt`);
 * behind the last item it is the next page's own, so that walking page by page never counts further than one page.
 */
export function cursorsAfter(
  length: number,
  nextCursor: string | null,
  sealAt: (index: number) => string,
): (index: number) => string {
  return (index) => (index === length - 1 && nextCursor !== null ? nextCursor : sealAt(index));
}
