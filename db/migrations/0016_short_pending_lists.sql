DROP INDEX "models_name_trgm";--> statement-breakpoint
CREATE INDEX "models_name_trgm" ON "models" USING gin ("name" gin_trgm_ops) WITH (gin_pending_list_limit=64);