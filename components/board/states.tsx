import type { Health } from '../../lib/board/schema.ts';
import type { AttributionState, DriftState, FairnessState, ImportanceSource } from '../../lib/drift/schema.ts';
import type { PointState } from '../../lib/kpis/schema.ts';

type Look = { glyph: string; word: string; tone: string };

/** The same glyphs and words in every lens, so that a screenshot is read alike by everybody. */
export const POINT_LOOKS = {
  ok: { glyph: '✓', word: 'On target', tone: 'text-ok' },
  watch: { glyph: '▲', word: 'Watch', tone: 'text-watch' },
  pending: { glyph: '◐', word: 'Checking', tone: 'text-watch' },
  breach: { glyph: '■', word: 'Over limit', tone: 'text-breach' },
  no_data: { glyph: '○', word: 'No data', tone: 'text-nodata' },
} as const satisfies Record<PointState, Look>;

export const HEALTH_LOOKS = {
  over_limit: POINT_LOOKS.breach,
  checking: POINT_LOOKS.pending,
  watch: POINT_LOOKS.watch,
  on_target: POINT_LOOKS.ok,
  no_data: POINT_LOOKS.no_data,
  no_goal: { glyph: '–', word: 'No goal yet', tone: 'text-nodata' },
} as const satisfies Record<Health, Look>;

export const DRIFT_WORDS = {
  stable: 'stable',
  slight: 'slightly different',
  changed: 'changed',
  changed_a_lot: 'changed a lot',
  too_few: 'too few rows to tell',
} as const satisfies Record<DriftState, string>;

export const IMPORTANCE_WORDS = {
  sent: 'as sent with the version',
  computed: 'computed',
} as const satisfies Record<ImportanceSource, string>;

export const FAIRNESS_LOOKS = {
  base: { glyph: '–', word: 'Held against', tone: 'text-muted' },
  ok: { glyph: '✓', word: 'No sign', tone: 'text-ok' },
  at_risk: { glyph: '▲', word: 'At risk', tone: 'text-watch' },
  review: { glyph: '■', word: 'Review', tone: 'text-breach' },
  cannot_judge: { glyph: '○', word: 'We cannot judge', tone: 'text-nodata' },
} as const satisfies Record<FairnessState, Look>;

export const ATTRIBUTION_LOOKS = {
  alike: { glyph: '✓', word: 'As in the reference', tone: 'text-ok' },
  moved: { glyph: '■', word: 'Other drivers', tone: 'text-breach' },
  too_few: { glyph: '○', word: 'We cannot judge', tone: 'text-nodata' },
} as const satisfies Record<AttributionState, Look>;

export const CHECK_LOOKS = {
  pass: { glyph: '✓', word: 'Pass', tone: 'text-ok' },
  watch: { glyph: '▲', word: 'Watch', tone: 'text-watch' },
  fail: { glyph: '■', word: 'Fail', tone: 'text-breach' },
  not_run: { glyph: '○', word: 'Could not run', tone: 'text-nodata' },
} as const satisfies Record<string, Look>;

export function StateWord({ look, className = '' }: { look: Look; className?: string }) {
  return (
    <span className={`font-semibold whitespace-nowrap ${look.tone} ${className}`}>
      <span aria-hidden>{look.glyph} </span>
      {look.word}
    </span>
  );
}
