DROP INDEX "models_search_trgm";--> statement-breakpoint
ALTER TABLE "audit_heads" ADD COLUMN "prev_hash" text;