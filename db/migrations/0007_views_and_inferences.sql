CREATE TABLE "saved_views" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"name" text NOT NULL,
	"query" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inference_events" (
	"model_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"event_id" text NOT NULL,
	"kind" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"columns" jsonb NOT NULL,
	"gathering" uuid,
	"received_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "inference_events_model_id_event_id_kind_pk" PRIMARY KEY("model_id","event_id","kind")
);
--> statement-breakpoint
ALTER TABLE "saved_views" ADD CONSTRAINT "saved_views_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inference_events" ADD CONSTRAINT "inference_events_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "saved_views_user_name_key" ON "saved_views" USING btree ("user_id","name");--> statement-breakpoint
CREATE INDEX "inference_events_gathering_idx" ON "inference_events" USING btree ("gathering");--> statement-breakpoint
CREATE INDEX "inference_events_received_idx" ON "inference_events" USING btree ("received_at");