/** What a limit can be moved over by hand: the axis of its chart. */
export type Domain = { low: number; high: number };

const SHARE_OF_PAGE = 0.05;
const JUMP = 10;

/** A hundredth of the axis, or less, in whole decimals: fine enough for a share, and never 0.30000000000000004. */
export const stepOf = ({ low, high }: Domain): number => 10 ** (Math.floor(Math.log10(high - low || 1)) - 2);

/** The nearest whole step inside the domain. */
export function snapped(value: number, domain: Domain): number {
  const step = stepOf(domain);
  const places = Math.max(0, -Math.round(Math.log10(step)));
  const inside = Math.min(domain.high, Math.max(domain.low, value));
  return Number((Math.round(inside / step) * step).toFixed(places));
}

type Pressed = { key: string; shiftKey: boolean };

/** Where a key moves the limit; null for keys that do not. */
export function movedBy({ key, shiftKey }: Pressed, value: number, domain: Domain): number | null {
  const step = stepOf(domain) * (shiftKey ? JUMP : 1);
  const page = (domain.high - domain.low) * SHARE_OF_PAGE;
  switch (key) {
    case 'ArrowUp':
      return snapped(value + step, domain);
    case 'ArrowDown':
      return snapped(value - step, domain);
    case 'PageUp':
      return snapped(value + page, domain);
    case 'PageDown':
      return snapped(value - page, domain);
    case 'Home':
      return snapped(domain.low, domain);
    case 'End':
      return snapped(domain.high, domain);
    default:
      return null;
  }
}
