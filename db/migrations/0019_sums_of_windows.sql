ALTER TABLE "windows" ADD COLUMN "counts" jsonb;--> statement-breakpoint
-- Fenced by its offset: joined otherwise, all contributions of a model are read to find those of the few windows without a sum.
CREATE VIEW "window_pieces" AS
	SELECT w."model_id", w."reference_id", w."start", w."end", w."n", null::uuid AS "batch_id", w."counts"
		FROM "windows" w WHERE w."counts" IS NOT NULL
	UNION ALL
	SELECT w."model_id", w."reference_id", w."start", c."end", c."n", c."batch_id", c."counts"
		FROM "windows" w CROSS JOIN LATERAL (
			SELECT * FROM "window_contributions" c
			WHERE c."model_id" = w."model_id" AND c."reference_id" = w."reference_id" AND c."start" = w."start" OFFSET 0
		) c
		WHERE w."counts" IS NULL;
