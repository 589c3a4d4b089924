import type { ElkExtendedEdge, ElkNode } from './layout.js';

/** What is further apart moves together. */
const WIDEST_GAP = 48;

/** Takes height from where lines run straight down and nothing else is. */
export function closeGaps(laid: ElkNode): ElkNode {
  const tops = new Map([...(laid.children ?? []).map((box) => [box.id, box.y ?? 0] as const), [laid.id, 0]]);
  const topOf = (edge: ElkExtendedEdge): number => tops.get(containerOf(edge)) ?? 0;
  const edges = laid.edges ?? [];
  const levels = [
    ...(laid.children ?? []).flatMap((box) => [
      ...(box.children === undefined ? within(box, 0) : ends(box, 0)),
      ...(box.children ?? []).flatMap((node) => within(node, box.y ?? 0)),
    ]),
    ...edges.flatMap((edge) => levelsOf(edge, topOf(edge))),
    ...[0, laid.height ?? 0],
  ];
  const moved = shortened(levels);
  const closed = <T extends ElkNode>(box: T, top: number): T => {
    const y = top + (box.y ?? 0);
    return {
      ...box,
      y: moved(y) - moved(top),
      height: moved(y + (box.height ?? 0)) - moved(y),
      ...(box.children === undefined ? {} : { children: box.children.map((child) => closed(child, y)) }),
    };
  };
  return {
    ...laid,
    height: moved(laid.height ?? 0),
    children: (laid.children ?? []).map((box) => closed(box, 0)),
    edges: edges.map((edge) => movedEdge(edge, (y) => moved(topOf(edge) + y) - moved(topOf(edge)))),
  };
}

/** The box whose coordinates those of an edge count from. */
export function containerOf(edge: ElkExtendedEdge): string {
  return (edge as { readonly container?: string }).container ?? 'root';
}

function ends({ y = 0, height = 0 }: Pick<ElkNode, 'y' | 'height'>, top: number): readonly number[] {
  return [top + y, top + y + height];
}

/** A node keeps its height, as there are words in it: levels in between leave no gap. */
function within({ y = 0, height = 0 }: Pick<ElkNode, 'y' | 'height'>, top: number): readonly number[] {
  const between = Array.from({ length: Math.ceil(height / WIDEST_GAP) }, (_, index) => index * WIDEST_GAP);
  return [...between.map((level) => top + y + level), top + y + height];
}

function levelsOf({ sections = [], labels = [] }: ElkExtendedEdge, top: number): readonly number[] {
  const points = sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint]);
  return [...points.map(({ y }) => top + y), ...labels.flatMap((label) => ends(label, top))];
}

/** Where each level goes when no two that follow each other are further apart than the widest gap. */
function shortened(levels: readonly number[]): (level: number) => number {
  const to = new Map<number, number>();
  let [last, at] = [0, 0];
  for (const level of [...new Set(levels)].sort((a, b) => a - b)) {
    at += Math.min(level - last, WIDEST_GAP);
    last = level;
    to.set(level, at);
  }
  return (level) => to.get(level) ?? level;
}

function movedEdge(edge: ElkExtendedEdge, moved: (y: number) => number): ElkExtendedEdge {
  const point = ({ x, y }: { x: number; y: number }): { x: number; y: number } => ({ x, y: moved(y) });
  return {
    ...edge,
    sections: (edge.sections ?? []).map(({ bendPoints = [], ...section }) => ({
      ...section,
      startPoint: point(section.startPoint),
      endPoint: point(section.endPoint),
      bendPoints: bendPoints.map(point),
    })),
    labels: (edge.labels ?? []).map((label) => ({ ...label, y: moved(label.y ?? 0) })),
  };
}
