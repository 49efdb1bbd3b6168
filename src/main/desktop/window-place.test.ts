// Where the window opens: on the screen where it was, never out of reach; and the steps of the zoom.
import { describe, expect, it, test } from 'vitest';
import { knownZoom, placeOn, zoomed, zoomFactors } from './window-place';

const laptop = { x: 0, y: 0, width: 1440, height: 900 };
const right = { x: 1440, y: -200, width: 2560, height: 1440 };

describe('the place of the window', () => {
  it('is where it was, on whichever screen', () => {
    expect(placeOn([laptop, right], { x: 2000, y: 100, width: 1280, height: 820, maximized: true })).toEqual({ x: 2000, y: 100, width: 1280, height: 820, maximized: true });
    expect(placeOn([laptop, right], { x: 1400, y: -150, width: 1280, height: 820 })).toMatchObject({ x: 1400, y: -150 });
  });

  it.each([
    ['its screen is gone', { x: 2000, y: 100, width: 1280, height: 820 }],
    ['only a sliver would be seen', { x: 1400, y: 100, width: 1280, height: 820 }],
    ['its title would be above the screen', { x: 100, y: -400, width: 1280, height: 820 }],
    ['its title would be below the screen', { x: 100, y: 890, width: 1280, height: 820 }],
  ])('is left to the system where %s', (_why, bounds) => expect(placeOn([laptop], bounds)).toEqual({ width: 1280, height: 820 }));

  it('is never smaller than what works, nor larger than its screen', () => {
    expect(placeOn([laptop], { x: 0, y: 0, width: 10, height: 10 })).toEqual({ x: 0, y: 0, width: 900, height: 600 });
    expect(placeOn([laptop], { x: 0, y: 0, width: 5000, height: 5000 })).toEqual({ x: 0, y: 0, width: 1440, height: 900 });
  });
});

test('the zoom goes in steps from 80 to 200 %, and back to 100', () => {
  expect([zoomed(1, 1), zoomed(1, -1), zoomed(2, 1), zoomed(0.8, -1), zoomed(1.75, 0)]).toEqual([1.1, 0.9, 2, 0.8, 1]);
  expect([knownZoom(50), knownZoom(0.1), knownZoom('2'), knownZoom(Number.NaN), knownZoom(1.26)]).toEqual([2, 0.8, 1, 1, 1.25]);
  expect(zoomFactors).toContain(1);
});
