ALTER TABLE "batches" ADD COLUMN "reference_id" uuid;--> statement-breakpoint
-- What was converted before there was this column is of the present reference if that was there before its reading began.
update batches b set reference_id = r.id from reference_profiles r
  where b.kind = 'observations' and b.parquet_path is not null
    and r.model_id = b.model_id and r.version = b.version and r.current and r.created_at < b.started_at;
