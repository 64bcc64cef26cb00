import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

type Triple = readonly [number, number, number];
const css = readFileSync(join(import.meta.dirname, '../../app/globals.css'), 'utf8');
const block = (selector: string): string => css.slice(css.indexOf(`${selector} {`)).split('}')[0] ?? '';
const colours = (selector: string): Map<string, string> =>
  new Map([...block(selector).matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name!, hex!]));
const THEMES = { light: colours(':root'), dark: colours('[data-theme="dark"]') } as const;

const linear = (hex: string): Triple => {
  const channel = (at: number): number => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
};
const times = (matrix: readonly Triple[], [a, b, c]: Triple): Triple => {
  const [x = 0, y = 0, z = 0] = matrix.map(([p, q, r]) => p * a + q * b + r * c);
  return [x, y, z];
};

/** Contrast of WCAG 2.2 between two colours. */
function contrast(one: string, other: string): number {
  const light = ([r, g, b]: Triple): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;
  const [a, b] = [light(linear(one)), light(linear(other))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Full colour blindness of each kind (Machado, Oliveira and Fernandes 2009), on linear light; and none. */
const SIGHTS: Record<string, readonly Triple[]> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** OKLab (Ottosson 2020) times 100, as somebody with this sight sees the colour. */
function seen(hex: string, sight: readonly Triple[]): Triple {
  const [r, g, b] = times(sight, linear(hex)).map((value) => Math.min(1, Math.max(0, value))) as unknown as Triple;
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    [r, g, b],
  );
  const [l, a, s] = times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones.map(Math.cbrt) as unknown as Triple,
  );
  return [100 * l, 100 * a, 100 * s];
}
const apart = (one: Triple, other: Triple): number => Math.hypot(...one.map((value, i) => value - other[i]!));

const SERIES = ['live', 'candidate', 'reference', 'estimated'];
const SEVERITY = ['ok', 'watch', 'breach', 'nodata'];
const HEAT = ['heat-0', 'heat-1', 'heat-2', 'heat-3', 'heat-4'];

describe.each(Object.entries(THEMES))('the colours of charts in the %s theme', (_, theme) => {
  const of = (name: string): string => {
    const hex = theme.get(name);
    if (!hex) throw new Error(`no colour ${name}`);
    return hex;
  };

  it.each([...SERIES, ...SEVERITY, 'control'])('%s stands out from what it lies on, 3 to 1', (name) => {
    for (const ground of ['panel', 'ground']) expect(contrast(of(name), of(ground)), ground).toBeGreaterThanOrEqual(3);
  });

  it.each(['ink', 'muted', ...SEVERITY])('%s can be read as text, 4.5 to 1', (name) => {
    for (const ground of ['panel', 'ground'])
      expect(contrast(of(name), of(ground)), ground).toBeGreaterThanOrEqual(4.5);
  });

  it.each(Object.entries(SIGHTS))('lines and states are told apart with %s sight', (_, sight) => {
    for (const [names, least] of [
      [SERIES, 10.5],
      [SEVERITY, 12],
    ] as const) {
      const pairs = names.flatMap((one, i) => names.slice(i + 1).map((other) => [one, other] as const));
      for (const [one, other] of pairs)
        expect(apart(seen(of(one), sight), seen(of(other), sight)), `${one} and ${other}`).toBeGreaterThan(least);
    }
  });

  it.each(Object.entries(SIGHTS))('more drift is further along the ramp with %s sight', (_, sight) => {
    const steps = HEAT.map((name) => seen(of(name), sight)[0]);
    const way = Math.sign(steps.at(-1)! - steps[0]!);
    for (const [i, step] of steps.slice(1).entries()) expect(way * (step - steps[i]!)).toBeGreaterThan(0);
  });
});
