CREATE TABLE "kpi_point_revisions" (
	"kpi_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"kpi_version" integer NOT NULL,
	"value" double precision,
	"lo" double precision,
	"hi" double precision,
	"n" bigint NOT NULL,
	"state" text NOT NULL,
	"evaluated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "kpi_point_revisions_kpi_id_at_evaluated_at_pk" PRIMARY KEY("kpi_id","at","evaluated_at")
);
--> statement-breakpoint
ALTER TABLE "kpi_point_revisions" ADD CONSTRAINT "kpi_point_revisions_kpi_id_kpis_id_fk" FOREIGN KEY ("kpi_id") REFERENCES "public"."kpis"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
-- A point that changes leaves what it was; one that stays the same keeps the moment since when it is known.
create function keep_former_point() returns trigger language plpgsql as $$
begin
  if (old.value, old.lo, old.hi, old.n, old.state) is not distinct from (new.value, new.lo, new.hi, new.n, new.state) then
    new.evaluated_at := old.evaluated_at;
  else
    insert into kpi_point_revisions (kpi_id, at, kpi_version, value, lo, hi, n, state, evaluated_at)
      values (old.kpi_id, old.at, old.kpi_version, old.value, old.lo, old.hi, old.n, old.state, old.evaluated_at)
      on conflict do nothing;
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger kpi_points_keep_former before update on kpi_points for each row execute function keep_former_point();
