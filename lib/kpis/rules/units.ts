const SHARES = new Set(['ratio', 'share', 'fraction', 'rate', 'probability', 'proportion']);
/** A unit of which 1 is the whole: people read it in per cent. */
export const isShare = (unit: string): boolean => SHARES.has(unit.trim().toLowerCase());
