-- Judged windows become a row of arrays each, and the two tables that grow with time are parted by year.
ALTER TABLE "windows" RENAME TO "windows_before";--> statement-breakpoint
ALTER TABLE "windows_before" DROP CONSTRAINT "windows_model_id_reference_id_start_pk";--> statement-breakpoint
ALTER TABLE "window_contributions" RENAME TO "contributions_before";--> statement-breakpoint
ALTER TABLE "contributions_before" DROP CONSTRAINT "window_contributions_model_id_reference_id_start_batch_id_pk";--> statement-breakpoint
CREATE TABLE "windows" (
	"model_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"reference_id" uuid NOT NULL,
	"start" timestamp (3) with time zone NOT NULL,
	"end" timestamp (3) with time zone NOT NULL,
	"n" bigint NOT NULL,
	"method" text NOT NULL,
	"alpha" double precision NOT NULL,
	"filled" bigint[] NOT NULL,
	"psi" double precision[] NOT NULL,
	"noise_limit" double precision[] NOT NULL,
	"states" smallint[] NOT NULL,
	"missing" smallint[] NOT NULL,
	"fresh" smallint[] NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "windows_model_id_reference_id_start_pk" PRIMARY KEY("model_id","reference_id","start")
) PARTITION BY RANGE ("start");--> statement-breakpoint
CREATE TABLE "window_contributions" (
	"model_id" uuid NOT NULL,
	"reference_id" uuid NOT NULL,
	"start" timestamp (3) with time zone NOT NULL,
	"batch_id" uuid NOT NULL,
	"end" timestamp (3) with time zone NOT NULL,
	"n" bigint NOT NULL,
	"counts" jsonb NOT NULL,
	CONSTRAINT "window_contributions_model_id_reference_id_start_batch_id_pk" PRIMARY KEY("model_id","reference_id","start","batch_id")
) PARTITION BY RANGE ("start");--> statement-breakpoint
-- A year a part for those that data is likely of; what is older or newer lies together.
DO $$
DECLARE
	parted text;
	year int;
BEGIN
	FOREACH parted IN ARRAY ARRAY['windows', 'window_contributions'] LOOP
		FOR year IN 2018..2032 LOOP
			EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', parted || '_' || year, parted,
				make_timestamptz(year, 1, 1, 0, 0, 0, 'UTC'), make_timestamptz(year + 1, 1, 1, 0, 0, 0, 'UTC'));
		END LOOP;
		EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', parted || '_other', parted);
	END LOOP;
END $$;--> statement-breakpoint
INSERT INTO "window_contributions" SELECT * FROM "contributions_before";--> statement-breakpoint
INSERT INTO "windows"
SELECT w."model_id", w."version", w."reference_id", w."start", w."end", w."n", coalesce(f."method", 'psi_add_half/2'), 0.01,
	f."filled", f."psi", f."noise_limit", f."states", f."missing", f."fresh", w."updated_at"
FROM "windows_before" w
JOIN "reference_profiles" r ON r."id" = w."reference_id"
CROSS JOIN LATERAL (
	SELECT max(c.col->>'method') AS "method",
		array_agg((c.col->>'n')::bigint ORDER BY p.place) AS "filled",
		array_agg((c.col->>'psi')::double precision ORDER BY p.place) AS "psi",
		array_agg((c.col->>'noiseLimit')::double precision ORDER BY p.place) AS "noise_limit",
		array_agg((array_position(ARRAY['stable', 'slight', 'changed', 'changed_a_lot', 'too_few'], c.col->>'state') - 1)::smallint ORDER BY p.place) AS "states",
		array_agg((array_position(ARRAY['fine', 'warning', 'critical'], c.col->'missing'->>'state') - 1)::smallint ORDER BY p.place) AS "missing",
		array_agg((array_position(ARRAY['fine', 'warning', 'critical'], c.col->'fresh'->>'state') - 1)::smallint ORDER BY p.place) AS "fresh"
	FROM jsonb_array_elements(r."profile"->'columns') WITH ORDINALITY p(col, place)
	LEFT JOIN jsonb_array_elements(w."drift"->'columns') c(col) ON c.col->>'column' = p.col->>'name'
) f;--> statement-breakpoint
DROP TABLE "windows_before";--> statement-breakpoint
DROP TABLE "contributions_before";--> statement-breakpoint
ALTER TABLE "windows" ADD CONSTRAINT "windows_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "window_contributions" ADD CONSTRAINT "window_contributions_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE TABLE "latest_windows" (
	"model_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"reference_id" uuid NOT NULL,
	"start" timestamp (3) with time zone NOT NULL,
	"end" timestamp (3) with time zone NOT NULL,
	"n" bigint NOT NULL,
	"revision" integer NOT NULL,
	CONSTRAINT "latest_windows_model_id_version_pk" PRIMARY KEY("model_id","version")
);--> statement-breakpoint
ALTER TABLE "latest_windows" ADD CONSTRAINT "latest_windows_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
INSERT INTO "latest_windows" SELECT DISTINCT ON ("model_id", "version") "model_id", "version", "reference_id", "start", "end", "n", 1
FROM "windows" ORDER BY "model_id", "version", "start" DESC;
