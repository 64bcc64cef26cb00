ALTER TABLE "kpi_point_revisions" ADD COLUMN "positives" bigint;--> statement-breakpoint
ALTER TABLE "kpi_points" ADD COLUMN "positives" bigint;--> statement-breakpoint
-- A point that changes leaves what it was; one that stays the same keeps the moment since when it is known.
create or replace function keep_former_point() returns trigger language plpgsql as $$
begin
  if (old.value, old.lo, old.hi, old.n, old.state) is not distinct from (new.value, new.lo, new.hi, new.n, new.state) then
    new.evaluated_at := old.evaluated_at;
  else
    insert into kpi_point_revisions (kpi_id, at, kpi_version, value, lo, hi, n, positives, state, evaluated_at)
      values (old.kpi_id, old.at, old.kpi_version, old.value, old.lo, old.hi, old.n, old.positives, old.state, old.evaluated_at)
      on conflict do nothing;
  end if;
  return new;
end $$;
