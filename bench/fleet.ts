import type { Sql } from 'postgres';

/** Four goals a model, judged every day of a year. */
const GOALS = 4;
const DAYS = 365;
const DAYS_AT_ONCE = 5;

/** Adds models whose goals have a year behind them, like a goal that is there already. */
export async function fillFleet(sql: Sql, models: number): Promise<void> {
  await sql`insert into models (id, name, created_by, created_at, updated_at)
    select gen_random_uuid(), 'fleet-' || i, 'bench', now(), now() from generate_series(1, ${models}::int) i`;
  await sql`with fleet as (
      insert into kpis (id, model_id, name, version, created_at)
        select gen_random_uuid(), m.id, 'Goal ' || g, 1, now()
        from models m, generate_series(1, ${GOALS}::int) g where m.created_by = 'bench' returning id),
    pattern as (select * from kpi_versions limit 1)
    insert into kpi_versions (kpi_id, version, contract, direction, reason, created_by, created_by_name, created_at)
      select f.id, 1, p.contract, p.direction, p.reason, p.created_by, p.created_by_name, p.created_at from fleet f, pattern p`;
  for (let day = 0; day < DAYS; day += DAYS_AT_ONCE) {
    await sql`insert into kpi_points (kpi_id, at, kpi_version, value, lo, hi, n, state, evaluated_at)
      select k.id, date_trunc('day', now()) - make_interval(days => d), 1, 0.9, 0.85, 0.95, 100, 'ok', now()
      from kpis k join models m on m.id = k.model_id,
        generate_series(${day}::int, ${Math.min(day + DAYS_AT_ONCE, DAYS) - 1}::int) d where m.created_by = 'bench'`;
  }
  await sql`analyze`;
}
