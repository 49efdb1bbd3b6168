// Where the window opens, and how large its page is shown: pure functions of what was remembered and which screens there are.

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface WindowBounds {
  readonly width: number;
  readonly height: number;
  readonly x?: number;
  readonly y?: number;
  readonly maximized?: boolean;
}

/** Pixels: smaller, and the sections no longer fit beside the money (quality facts, UI-05). */
export const smallestWindow = { width: 900, height: 600 } as const;

/** How much of the window must be seen on a screen, in pixels: enough of its title bar to take hold of it. */
const graspable = { width: 120, height: 40 } as const;

const overlap = (from: number, length: number, otherFrom: number, otherLength: number): number => Math.min(from + length, otherFrom + otherLength) - Math.max(from, otherFrom);

/** On the screen where it was, if that is still there, and never larger than it; else the system chooses. */
export function placeOn(screens: readonly Rectangle[], remembered: WindowBounds): WindowBounds {
  const { x, y, maximized } = remembered;
  const wanted = { width: Math.max(smallestWindow.width, remembered.width), height: Math.max(smallestWindow.height, remembered.height) };
  const kept = maximized === undefined ? {} : { maximized };
  const screen = x === undefined || y === undefined ? undefined : screens.find((area) => overlap(x, wanted.width, area.x, area.width) >= graspable.width && y >= area.y - graspable.height && y <= area.y + area.height - graspable.height);
  if (x === undefined || y === undefined || screen === undefined) return { ...wanted, ...kept };
  return { x, y, width: Math.min(wanted.width, Math.max(screen.width, smallestWindow.width)), height: Math.min(wanted.height, Math.max(screen.height, smallestWindow.height)), ...kept };
}

/** Factors of the zoom, 80 to 200 %. */
export const zoomFactors = [0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2] as const;

/** The factor nearest to what was remembered, whatever stands in the file. */
export function knownZoom(factor: unknown): number {
  if (typeof factor !== 'number' || !Number.isFinite(factor)) return 1;
  return zoomFactors.reduce<number>((best, one) => (Math.abs(one - factor) < Math.abs(best - factor) ? one : best), 1);
}

/** One step larger or smaller, or back to 100 % (`by` 0). */
export function zoomed(factor: number, by: -1 | 0 | 1): number {
  if (by === 0) return 1;
  const at = zoomFactors.findIndex((one) => one === knownZoom(factor));
  return zoomFactors[Math.max(0, Math.min(zoomFactors.length - 1, at + by))] ?? 1;
}
